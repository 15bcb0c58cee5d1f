#include "tests/daemon/sinks/conformance/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <utility>

#include "tests/daemon/sinks/fake_producer.h"

namespace signinwatch::sinks {
namespace {

// All tickets of the tests begin so.
constexpr std::string_view kIdBegin = "6f6f4c5e-";
constexpr size_t kIdSize = 36;

bool IsDigit(std::string_view text, size_t at) {
  return at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0;
}

uint32_t NumberAt(std::string_view text, size_t at) {
  return static_cast<uint32_t>(std::atoi(std::string(text.substr(at, 9)).c_str()));
}

// "revision":3, "revision":"3", revision="3"
uint32_t RevisionField(std::string_view text, size_t from) {
  constexpr std::string_view kName = "revision";
  size_t at = text.find(kName, from);
  if (at == std::string_view::npos) return 0;
  at += kName.size();
  for (int i = 0; i < 3 && !IsDigit(text, at); ++i) ++at;
  return IsDigit(text, at) ? NumberAt(text, at) : 0;
}

class HttpWire : public http_client::HttpTransport {
 public:
  HttpWire(Wire* wire, HttpStandIn* system) : wire_(*wire), system_(system) {}
  [[nodiscard]] absl::StatusOr<http_client::HttpResponse> Send(
      const http_client::HttpCall& call) override {
    return wire_.Http(system_, call);
  }
  void Cancel() override {}

 private:
  Wire& wire_;
  HttpStandIn* const system_;
};

class MailWire : public http_client::MailTransport {
 public:
  MailWire(Wire* wire, std::vector<std::string>* taken) : wire_(*wire), taken_(taken) {}
  [[nodiscard]] absl::StatusOr<http_client::MailReply> Send(
      const http_client::MailCall& mail) override {
    return wire_.Mail(taken_, mail);
  }
  void Cancel() override {}

 private:
  Wire& wire_;
  std::vector<std::string>* const taken_;
};

class ConnectionWire : public http_client::KeptConnection {
 public:
  ConnectionWire(Wire* wire, std::vector<std::string>* taken) : wire_(*wire), taken_(taken) {}
  [[nodiscard]] absl::Status Open(std::chrono::milliseconds) override {
    open_ = true;
    return absl::OkStatus();
  }
  [[nodiscard]] absl::Status Send(std::string_view bytes, std::chrono::milliseconds) override {
    absl::Status status = wire_.Write(taken_, bytes);
    open_ = status.ok();
    return status;
  }
  [[nodiscard]] bool IsOpen() override { return open_; }
  void Cancel() override {}

 private:
  Wire& wire_;
  std::vector<std::string>* const taken_;
  bool open_ = false;
};

}  // namespace

std::vector<Reference> ReferencesIn(std::string_view text) {
  std::vector<Reference> found;
  const auto add = [&found](std::string_view id, uint32_t revision) {
    const Reference reference(std::string(id), revision);
    if (revision > 0 && std::find(found.begin(), found.end(), reference) == found.end()) {
      found.push_back(reference);
    }
  };
  for (size_t at = text.find(kIdBegin); at != std::string_view::npos;
       at = text.find(kIdBegin, at + 1)) {
    const std::string_view id = text.substr(at, kIdSize);
    const size_t end = at + kIdSize;
    const bool separated = end < text.size() && (text[end] == '/' || text[end] == '.');
    if (separated && IsDigit(text, end + 1)) add(id, NumberAt(text, end + 1));
    const std::string_view before = text.substr(0, at);
    const bool is_field = before.ends_with("\"ticket_id\":\"") || before.ends_with(" ticket_id=\"");
    if (is_field) add(id, RevisionField(text, end));
  }
  return found;
}

bool Wire::Disarm() {
  const bool has_fired = left_ < 0;
  left_ = -1;
  fault_ = {};
  return has_fired;
}

bool Wire::IsDue() { return left_ >= 0 && left_-- == 0; }

CallFault Wire::NextCall() {
  return fault_.call != CallFault::kNone && IsDue() ? fault_.call : CallFault::kNone;
}

bool Wire::KillsHere(StoreKill kill) { return fault_.kill == kill && IsDue(); }

void Wire::Carry(std::string_view text) {
  for (const auto& [id, revision] : ReferencesIn(text)) {
    uint32_t& newest = carried_[id];
    if (!copies_) {
      EXPECT_GE(revision, newest) << id << ": an older revision after a newer one";
    }
    newest = std::max(newest, revision);
  }
}

absl::StatusOr<http_client::HttpResponse> Wire::Http(HttpStandIn* system,
                                                     const http_client::HttpCall& call) {
  clock::SteadyTime& paused_until = paused_until_[system->PausedPart(call)];
  EXPECT_GE(clock_.Steady(), paused_until) << call.method << " within the pause that was asked for";
  const CallFault fault = NextCall();
  if (fault == CallFault::kTooMany) paused_until = clock_.Steady() + kTooManyWait;
  if (fault == CallFault::kUnavailable) paused_until = clock_.Steady() + kUnavailableWait;
  return AnswerWith(
      fault,
      [&]() -> absl::StatusOr<http_client::HttpResponse> {
        absl::StatusOr<http_client::HttpResponse> answer = system->Answer(call);
        if (answer.ok() && answer->status < 300) Carry(call.body);
        return answer;
      },
      system->own_answers());
}

absl::StatusOr<http_client::MailReply> Wire::Mail(std::vector<std::string>* taken,
                                                  const http_client::MailCall& mail) {
  const CallFault fault = NextCall();
  switch (fault) {
    case CallFault::kNoConnection:
    case CallFault::kSleeping:
      return absl::UnavailableError("connection refused");
    case CallFault::kLostRequest:
      return absl::AbortedError("connection reset");
    case CallFault::kTimeOut:
      return absl::DeadlineExceededError("no answer in time");
    case CallFault::kTooMany:
    case CallFault::kServerError:
      return http_client::MailReply{.code = 451, .of_message = true};
    case CallFault::kUnavailable:
      return http_client::MailReply{.code = 421, .of_message = true};
    case CallFault::kExpired:
      return http_client::MailReply{.code = 535};
    case CallFault::kRefused:
      return http_client::MailReply{.code = 550, .of_message = true};
    case CallFault::kKilledBefore:
      throw Killed();
    default:
      break;
  }
  Carry(mail.message);
  taken->push_back(mail.message);
  if (fault == CallFault::kKilledAfter) throw Killed();
  if (fault == CallFault::kSlow) return absl::DeadlineExceededError("no answer in time");
  if (fault != CallFault::kNone) return absl::AbortedError("connection reset");
  return http_client::MailReply{.code = 250, .of_message = true};
}

absl::Status Wire::Write(std::vector<std::string>* taken, std::string_view bytes) {
  const CallFault fault = NextCall();
  switch (fault) {
    case CallFault::kNone:
    case CallFault::kLostAnswer:
    case CallFault::kSlow:
    case CallFault::kKilledAfter:
      Carry(bytes);
      taken->emplace_back(bytes);
      break;
    case CallFault::kKilledBefore:
      throw Killed();
    case CallFault::kTimeOut:
      return absl::DeadlineExceededError("no room in time");
    case CallFault::kNoConnection:
      return absl::UnavailableError("connection refused");
    default:
      return absl::AbortedError("connection reset");
  }
  if (fault == CallFault::kKilledAfter) throw Killed();
  if (fault == CallFault::kSlow) return absl::DeadlineExceededError("no room in time");
  return fault == CallFault::kNone ? absl::OkStatus() : absl::AbortedError("connection reset");
}

http_client::HttpTransportMaker Wire::HttpTo(HttpStandIn* system) {
  return [this, system](const std::string&) { return std::make_unique<HttpWire>(this, system); };
}

http_client::MailTransportMaker Wire::MailTo(std::vector<std::string>* taken) {
  return [this, taken](const std::string&) { return std::make_unique<MailWire>(this, taken); };
}

std::unique_ptr<http_client::KeptConnection> Wire::ConnectTo(std::vector<std::string>* taken) {
  return std::make_unique<ConnectionWire>(this, taken);
}

std::unique_ptr<kafka::KafkaProducer> Wire::ProduceTo(std::vector<std::string>* taken) {
  auto producer = std::make_unique<FakeProducer>();
  producer->decide = [this, taken](const FakeProducer::Message& message) {
    return Write(taken, message.value);
  };
  return producer;
}

}  // namespace signinwatch::sinks
