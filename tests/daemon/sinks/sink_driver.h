// Drives a sink that is made by its row of the registry through a ticket's life, revision by
// revision, with the real wording: the clock is moved on to what is waited for, and a process that
// is killed (Killed, thrown by what plays the other side) begins again.
//
//   SinkDriver driver(config, &world);             // FakeParts world
//   driver.Tell("open", 0, Severity::kMedium);
//   driver.ticket.parent_ticket_id = "...";        // of the revisions that follow
//   driver.Tell("resolved");
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_SINK_DRIVER_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_SINK_DRIVER_H_

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sinks/delivery.h"
#include "daemon/sinks/sink_registry.h"
#include "daemon/words/ticket_json.h"
#include "tests/daemon/sinks/call_faults.h"
#include "tests/daemon/sinks/fake_parts.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::sinks {

class SinkDriver {
 public:
  // `world` outlives it.
  SinkDriver(config::SinkConfig config, FakeParts* world)
      : config_(std::move(config)), world_(*world) {
    ticket.severity = Severity::kHigh;
    Restart();
  }

  Ticket ticket = words::UserTicket(Cause::kUnexplained);  // what the next revision says

  // All that the process had in memory is lost.
  void Restart() {
    const SinkParts parts = world_.parts();
    TicketSinkOr sink = MakeTicketSink(config_, parts);
    ASSERT_TRUE(sink.ok()) << sink.status();
    stage_ = std::make_unique<DeliveryStage>(DeliveryOptionsOf(config_, 1), world_.outbox,
                                             *std::move(sink), world_.clock, nullptr);
  }

  // The next revision of `ticket`, ready to be changed.
  [[nodiscard]] store::Delivery Next(const std::string& state = "open",
                                     std::optional<uint32_t> reopened = {},
                                     std::optional<Severity> severity = {}) {
    ticket.revision = ++revisions_[ticket.ticket_id];
    if (reopened) ticket.reopened = *reopened;
    if (severity) ticket.severity = *severity;
    ticket.state = state == "merged"     ? TicketState::kMerged
                   : state == "resolved" ? TicketState::kResolved
                                         : TicketState::kOpen;
    if (state == "merged" && ticket.merged_into.empty()) {
      ticket.merged_into = "00000000-0000-5000-8000-00000000000a";
    }
    return {.sequence = ++sequence_,
            .ticket_id = ticket.ticket_id,
            .revision = ticket.revision,
            .severity = SeverityName(ticket.severity),
            .state = state,
            .json = words::TicketToJson(ticket, "https://signinwatch.contoso.example"),
            .committed_at = world_.clock.Wall(),
            .broker_time = kBeginningOfTime,
            .reason = RevisionReasonName(ticket.reason),
            .reopened = ticket.reopened,
            .tenant_id = ticket.tenant_id,
            .scope = "user",
            .parent_ticket_id = ticket.parent_ticket_id,
            .continues = ticket.continues,
            .merged_into = ticket.merged_into};
  }
  // Tells it, and all that waits. Its reference.
  std::string Tell(const std::string& state = "open", std::optional<uint32_t> reopened = {},
                   std::optional<Severity> severity = {}) {
    return Tell(Next(state, reopened, severity));
  }
  std::string Tell(const store::Delivery& delivery) {
    Add(delivery);
    Run();
    return delivery.ticket_id + "/" + std::to_string(delivery.revision);
  }
  void Add(const store::Delivery& delivery) {
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
    try {
      const steps::StepResult next = stage_->Step(world_.clock.Now());
      if (next.again_at != clock::SteadyTime::max()) world_.clock.AdvanceTo(next.again_at);
    } catch (const Killed&) {
      Restart();
    }
  }

  // What is known of `ticket` there.
  [[nodiscard]] store::RemoteTicket Remote() {
    std::vector<store::RemoteTicket> remotes;
    EXPECT_TRUE(world_.outbox.RemoteTickets(config_.name, ticket.ticket_id, &remotes).ok());
    return remotes.empty() ? store::RemoteTicket() : remotes.back();
  }
  [[nodiscard]] DeliveryStatus status() const { return stage_->status(); }

 private:
  const config::SinkConfig config_;
  FakeParts& world_;
  std::unique_ptr<DeliveryStage> stage_;
  int64_t sequence_ = 0;
  std::map<std::string, uint32_t> revisions_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_SINK_DRIVER_H_
