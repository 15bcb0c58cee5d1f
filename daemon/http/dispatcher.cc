#include "daemon/http/dispatcher.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "daemon/http/http_message.h"
#include "daemon/http/problem.h"
#include "daemon/http/routes.h"
#include "daemon/log/log.h"

namespace signinwatch::http {
namespace {

using boost::beast::http::field;

bool IsForHealth(const HttpConnection& connection) {
  const auto target = connection.request().target();
  return IsHealthPath({target.data(), std::min(target.find('?'), target.size())});
}

// It has no place in a lane while it is told.
void Refuse(const std::shared_ptr<HttpConnection>& connection, HttpReply reply) {
  connection->may_be_ended = true;
  connection->Send(WireReply(std::move(reply), connection->access().config, ""));
}

std::string WhatHappened(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown";
  }
}

}  // namespace

Dispatcher::Dispatcher(const clock::Clock& clock, boost::asio::io_context& io,
                       const HttpLimits& limits, HttpAnswer answer)
    : clock_(clock),
      answer_(std::move(answer)),
      ordinary_(io, limits.ordinary),
      health_(io, limits.health),
      log_in_(io, limits.log_in) {}

void Dispatcher::Direct(const ConnectionPtr& connection, boost::system::error_code error) {
  if (error) return Refuse(connection, ProblemReply(400, kNoRequest));
  if (auto fault = FaultOf(connection->request())) return Refuse(connection, *std::move(fault));
  const WebAccess::State& access = connection->access();
  if (!IsForHealth(*connection) && !access.rate.Take(clock_.Steady())) {
    return Refuse(connection, ProblemReply(429,
                                           "more requests than the web configuration's "
                                           "rate_limit allows"));
  }
  if (access.passwords.empty()) return Enter(connection);
  const auto known = access.passwords.Glance(connection->header(field::authorization));
  known ? Judge(connection, *known) : LogIn(connection);
}

void Dispatcher::LogIn(const ConnectionPtr& connection) {
  const auto verdict = std::make_shared<Passwords::Verdict>(Passwords::Verdict::kBusy);
  const auto hash = [this, connection, verdict] {  // on a thread of the lane
    if (!hashes_) return;
    *verdict = connection->access().passwords.Check(connection->header(field::authorization));
  };
  const auto hashed = [this, connection, verdict](const Lane::Place&) {
    if (*verdict == Passwords::Verdict::kWrong) {
      ++failed_log_ins_;
      // Not the name: it is a password where somebody has mistaken the field.
      log::Log(config::LogLevel::kWarning, "an HTTP log-in failed",
               {{"peer", connection->peer().address}});
    }
    Judge(connection, *verdict);
  };
  // A prober's log-in does not wait for those of guessers.
  const auto order = IsForHealth(*connection) ? Lane::Order::kBefore : Lane::Order::kBehind;
  connection->may_be_ended = false;
  if (!log_in_.Enter(connection->peer().network, hash, hashed, order)) TurnAway(connection);
}

void Dispatcher::Judge(const ConnectionPtr& connection, Passwords::Verdict verdict) {
  switch (verdict) {
    case Passwords::Verdict::kRight:
      return Enter(connection);
    case Passwords::Verdict::kWrong:
      return Refuse(connection,
                    ProblemReply(401, "this server asks for a user name and a password"));
    case Passwords::Verdict::kBusy:
      return Refuse(connection, ProblemReply(503, "too many log-ins at a time"));
  }
}

void Dispatcher::Enter(const ConnectionPtr& connection) {
  const auto response = std::make_shared<WireResponse>();
  Lane& lane = IsForHealth(*connection) ? health_ : ordinary_;
  connection->may_be_ended = false;
  const bool has_room = lane.Enter(
      connection->peer().network, [this, connection, response] { *response = Made(*connection); },
      [connection, response](Lane::Place place) {
        connection->Send(std::move(*response), std::move(place));
      });
  if (!has_room) TurnAway(connection);
}

void Dispatcher::TurnAway(const ConnectionPtr& connection) {
  ++turned_away_;
  Refuse(connection, TurnedAwayReply());
}

WireResponse Dispatcher::Made(HttpConnection& connection) const {
  const WebAccess::State& access = connection.access();
  HttpRequest request = PlainRequest(connection.request());
  request.authenticated = access.authenticates();
  if (request.authenticated) {
    request.user = access.passwords.empty()
                       ? connection.certified_name()
                       : Passwords::UserOf(connection.header(field::authorization));
  }
  HttpReply reply;
  try {
    reply = answer_(request);
  } catch (...) {
    log::Log(config::LogLevel::kError, "an HTTP request failed",
             {{"error", WhatHappened(std::current_exception())}});
    reply = ProblemReply(500, "the request failed; the log says more");
  }
  return WireReply(std::move(reply), access.config, connection.header(field::accept_encoding));
}

}  // namespace signinwatch::http
