#include "daemon/http/http_connections.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "daemon/log/log.h"

namespace signinwatch::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {
constexpr std::chrono::milliseconds kSlice(100);
}  // namespace

HttpConnections::HttpConnections(const clock::Clock& clock, asio::io_context& io, Acceptor acceptor,
                                 const HttpLimits& limits, Begin begin, HttpConnection::Heard heard)
    : clock_(clock),
      io_(io),
      acceptor_(std::move(acceptor)),
      limits_(limits),
      begin_(std::move(begin)),
      heard_(std::move(heard)),
      accept_again_(io),
      look_again_(io) {
  Accept();
  Expire();
  thread_ = std::thread([this] { io_.run(); });
}

HttpConnections::~HttpConnections() {
  asio::post(io_, [this] {
    closing_ = true;
    end_ = clock_.Steady() + limits_.stop_timeout;
    error_code ignored;
    acceptor_.close(ignored);
    accept_again_.cancel();
    for (const auto& [number, one] : all_) {
      const auto connection = one.lock();
      if (connection != nullptr && connection->may_be_ended && !connection->has_begun()) {
        connection->Close();
      }
    }
    look_again_.cancel();
  });
  thread_.join();
}

void HttpConnections::Accept() {
  if (closing_) return;
  acceptor_.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
    if (error == asio::error::no_descriptors || error == asio::error::no_memory ||
        error == asio::error::no_buffer_space || error.value() == ENFILE) {
      log::Log(config::LogLevel::kWarning, "no room for another HTTP connection",
               {{"error", error.message()}});
      accept_again_.expires_after(kSlice);
      return accept_again_.async_wait([this](error_code) { Accept(); });
    }
    // All other errors are of a connection that is gone already.
    if (!error) Take(std::move(socket));
    Accept();
  });
}

void HttpConnections::Take(asio::ip::tcp::socket socket) {
  const auto connection = begin_(std::move(socket));
  MakeRoomFor(connection->peer());
  all_.emplace(++taken_, connection);
  connection->Hear(heard_);
}

void HttpConnections::MakeRoomFor(const Peer& peer) {
  std::map<std::string, size_t> counts;
  size_t arriving = 0;
  std::erase_if(all_, [](const auto& one) { return one.second.expired(); });
  for (const auto& [number, one] : all_) {
    const auto connection = one.lock();
    if (!connection->may_be_ended) continue;
    ++counts[connection->peer().network];
    ++arriving;
  }
  std::string from;
  if (counts[peer.network] >= limits_.arriving_of_peer_max) {
    from = peer.network;
  } else if (arriving >= limits_.arriving_max) {
    from = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
             return a.second < b.second;
           })->first;
  } else {
    return;
  }
  for (const auto& [number, one] : all_) {
    const auto oldest = one.lock();
    if (!oldest->may_be_ended || oldest->peer().network != from) continue;
    oldest->Close();
    oldest->may_be_ended = false;
    if (!oldest->has_asked()) ++ended_for_room_;  // others have their answer
    return;
  }
}

void HttpConnections::Expire() {
  const clock::SteadyTime now = clock_.Steady();
  std::erase_if(all_, [&](const auto& one) {
    const auto connection = one.second.lock();
    if (connection != nullptr && std::min(connection->deadline, end_) <= now) connection->Close();
    return connection == nullptr;
  });
  if (closing_ && all_.empty()) return;
  look_again_.expires_after(closing_ ? kSlice / 10 : kSlice);
  look_again_.async_wait([this](error_code) { Expire(); });
}

}  // namespace signinwatch::http
