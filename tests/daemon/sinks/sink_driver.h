// Drives a sink that is made by its row of the registry through tickets' lives: revisions with the
// real wording of a sample ticket, a clock that is moved on to what is waited for, and restarts.
//
//   SinkDriver driver(config, &world);
//   driver.Tell("open");
//   driver.Tell("resolved");
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_SINK_DRIVER_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_SINK_DRIVER_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sinks/delivery.h"
#include "daemon/sinks/sink_registry.h"
#include "daemon/words/ticket_json.h"
#include "tests/daemon/sinks/fake_parts.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch {

class SinkDriver {
 public:
  // `world` outlives it.
  SinkDriver(SinkConfig config, FakeParts* world) : config_(std::move(config)), world_(*world) {
    Restart();
  }

  // All that the process had in memory is lost.
  void Restart() {
    const SinkParts parts = world_.parts();
    TicketSinkOr sink = MakeTicketSink(config_, parts);
    ASSERT_TRUE(sink.ok()) << sink.status();
    stage_ = std::make_unique<DeliveryStage>(DeliveryOptionsOf(config_, 1), world_.outbox,
                                             *std::move(sink), world_.clock, nullptr);
  }

  // The next revision of the sample ticket, ready to be changed.
  [[nodiscard]] Delivery Next(const std::string& state, uint32_t reopened = 0,
                              Severity severity = Severity::kHigh) {
    Ticket ticket = UserTicket(Cause::kUnexplained);
    ticket.revision = ++revision_;
    ticket.severity = severity;
    ticket.reopened = reopened;
    if (state == "resolved") ticket.state = TicketState::kResolved;
    if (state == "merged") {
      ticket.state = TicketState::kMerged;
      ticket.merged_into = "00000000-0000-5000-8000-00000000000a";
    }
    return {.sequence = revision_,
            .ticket_id = ticket.ticket_id,
            .revision = ticket.revision,
            .severity = SeverityName(severity),
            .state = state,
            .json = TicketToJson(ticket, "https://signinwatch.contoso.example"),
            .committed_at = world_.clock.Wall(),
            .broker_time = kBeginningOfTime,
            .reason = RevisionReasonName(ticket.reason),
            .reopened = reopened,
            .tenant_id = ticket.tenant_id,
            .scope = "user",
            .parent_ticket_id = ticket.parent_ticket_id,
            .continues = ticket.continues,
            .merged_into = ticket.merged_into};
  }
  void Tell(const std::string& state, uint32_t reopened = 0, Severity severity = Severity::kHigh) {
    Tell(Next(state, reopened, severity));
  }
  void Tell(const Delivery& delivery) {
    Add(delivery);
    Run();
  }
  void Add(const Delivery& delivery) {
    world_.outbox.Add(delivery);
    stage_->NoteCommit();
  }
  // Until nothing waits, however long that takes.
  void Run() {
    for (int i = 0; i < 1'000 && world_.outbox.depth() > 0; ++i) Step();
    EXPECT_EQ(world_.outbox.depth(), 0u);
  }
  // Once, then the clock is moved on to the next time.
  void Step() {
    const StepResult next = stage_->Step(world_.clock.Now());
    if (next.again_at != SteadyTime::max()) world_.clock.AdvanceTo(next.again_at);
  }

  // What is known of the sample ticket there.
  [[nodiscard]] RemoteTicket Remote() {
    std::vector<RemoteTicket> remotes;
    EXPECT_TRUE(world_.outbox.RemoteTickets(config_.name, kSampleTicket, &remotes).ok());
    return remotes.empty() ? RemoteTicket() : remotes.back();
  }

 private:
  const SinkConfig config_;
  FakeParts& world_;
  std::unique_ptr<DeliveryStage> stage_;
  uint32_t revision_ = 0;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_SINK_DRIVER_H_
