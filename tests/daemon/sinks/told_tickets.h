// One ticket of ours, told revision by revision to a sink whose other side is the test's.
//
//   ToldTickets told(config, &world);           // FakeParts world
//   told.ticket.severity = Severity::kHigh;     // what the next revision says
//   told.Tell();
//   told.Tell(TicketState::kResolved);
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_TOLD_TICKETS_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_TOLD_TICKETS_H_

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sinks/delivery.h"
#include "daemon/sinks/sink_registry.h"
#include "daemon/words/ticket_json.h"
#include "tests/daemon/sinks/fake_parts.h"
#include "tests/daemon/sinks/fake_ticket_system.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch {

// What happens to a request.
enum class CallFault {
  kNone,
  kLostRequest,  // the connection broke before it was there
  kLostAnswer,   // it was done, and the connection broke
  kTooMany,      // 429, 42 seconds
  kServerError,  // 500, and nothing was done
  kUnavailable,  // 503, and nothing was done
  kKilledBefore,
  kKilledAfter,
};

// Faults of the requests that follow: each is of the first request to come that fits.
class CallFaults {
 public:
  // `target`: a part of the URL.
  void Add(std::string method, std::string target, CallFault fault) {
    faults_.push_back({std::move(method), std::move(target), fault});
  }
  // Of the request number `at` from now on, counted from 0, whatever it is.
  void AddAt(int at, CallFault fault) {
    countdown_ = at;
    at_ = fault;
  }
  // Answers `call` by `work` with the fault that is due.
  template <typename Work>
  absl::StatusOr<HttpResponse> Apply(const HttpCall& call, Work work) {
    switch (Take(call)) {
      case CallFault::kLostRequest:
        return absl::AbortedError("connection reset");
      case CallFault::kTooMany:
        return HttpResponse{429, R"({"error":{"message":"Rate limit"}})", "42"};
      case CallFault::kServerError:
        return HttpResponse{500, "", ""};
      case CallFault::kUnavailable:
        return HttpResponse{503, "", ""};
      case CallFault::kKilledBefore:
        throw Killed();
      case CallFault::kKilledAfter:
        (void)work();
        throw Killed();
      case CallFault::kLostAnswer:
        (void)work();
        return absl::AbortedError("connection reset");
      case CallFault::kNone:
        break;
    }
    return work();
  }
  // All have happened.
  [[nodiscard]] bool empty() const { return faults_.empty() && countdown_ < 0; }

 private:
  struct Due {
    std::string method;
    std::string target;
    CallFault fault;
  };
  CallFault Take(const HttpCall& call) {
    if (countdown_ >= 0 && countdown_-- == 0) return at_;
    for (size_t i = 0; i < faults_.size(); ++i) {
      if (faults_[i].method != call.method) continue;
      if (call.url.find(faults_[i].target) == std::string::npos) continue;
      const CallFault fault = faults_[i].fault;
      faults_.erase(faults_.begin() + static_cast<std::ptrdiff_t>(i));
      return fault;
    }
    return CallFault::kNone;
  }
  std::vector<Due> faults_;
  int countdown_ = -1;  // negative: none is due
  CallFault at_ = CallFault::kNone;
};

class ToldTickets {
 public:
  ToldTickets(SinkConfig config, FakeParts* world) : config_(std::move(config)), world_(*world) {
    Restart();
  }

  Ticket ticket = UserTicket(Cause::kUnexplained);  // what is told next

  // All that the process had in memory is lost.
  void Restart() {
    auto sink = MakeTicketSink(config_, world_.parts());
    ASSERT_TRUE(sink.ok()) << sink.status();
    stage_ =
        std::make_unique<DeliveryStage>(DeliveryOptions{.sink = config_.name, .type = config_.type},
                                        world_.outbox, *std::move(sink), world_.clock, nullptr);
  }

  // The next revision of `ticket`, and all that waits, within a day. Its reference.
  std::string Tell(TicketState state = TicketState::kOpen, bool until_told = true) {
    ticket.state = state;
    ticket.revision = ++revisions_[ticket.ticket_id];
    Delivery delivery;
    delivery.sequence = ++sequence_;
    delivery.ticket_id = ticket.ticket_id;
    delivery.revision = ticket.revision;
    delivery.severity = SeverityName(ticket.severity);
    delivery.state = TicketStateName(state);
    delivery.json = TicketToJson(ticket, "https://signinwatch.contoso.example");
    delivery.reopened = ticket.reopened;
    delivery.parent_ticket_id = ticket.parent_ticket_id;
    delivery.continues = ticket.continues;
    delivery.merged_into = ticket.merged_into;
    world_.outbox.Add(std::move(delivery));
    stage_->NoteCommit();
    if (until_told) Run();
    return ticket.ticket_id + "/" + std::to_string(ticket.revision);
  }

  // Until nothing waits.
  void Run() {
    for (int i = 0; i < 1'000 && world_.outbox.depth() > 0; ++i) Step();
    EXPECT_EQ(world_.outbox.depth(), 0U);
  }
  void Step() {
    try {
      const StepResult next = stage_->Step(world_.clock.Now());
      if (next.again_at != SteadyTime::max()) world_.clock.AdvanceTo(next.again_at);
    } catch (const Killed&) {
      Restart();
    }
  }

  [[nodiscard]] RemoteTicket Remote() {
    std::vector<RemoteTicket> remotes;
    EXPECT_TRUE(world_.outbox.RemoteTickets(config_.name, ticket.ticket_id, &remotes).ok());
    return remotes.empty() ? RemoteTicket() : remotes.back();
  }
  [[nodiscard]] DeliveryStatus status() const { return stage_->status(); }

 private:
  const SinkConfig config_;
  FakeParts& world_;
  std::unique_ptr<DeliveryStage> stage_;
  int64_t sequence_ = 0;
  std::map<std::string, uint32_t> revisions_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_TOLD_TICKETS_H_
