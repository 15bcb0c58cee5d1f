// A process that tells tickets to one sink, over the store: SQLite on disk, delivery as the daemon
// steps it, a clock of the test's. When it is killed all goes but the store, and it begins again.
//
//   Process process(clock, "soc");
//   process.Begin(&wire, &system);
//   process.Tell({&ticket});
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_CONFORMANCE_PROCESS_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_CONFORMANCE_PROCESS_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sinks/delivery.h"
#include "daemon/words/ticket_json.h"
#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/sinks/conformance/systems.h"
#include "tests/daemon/sinks/conformance/wire.h"
#include "tests/daemon/store/store_samples.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {

class Process {
 public:
  static constexpr const char* kSink = "soc";

  explicit Process(clock::ManualClock* clock) : clock_(*clock) {}

  // For another life, with another system.
  void Begin(Wire* wire, System* system) {
    wire_ = wire;
    system_ = system;
    reasons_.clear();
    Restart();
  }

  // Commits the next revision of each, in one commit, and tells all that waits.
  void Tell(const std::vector<Ticket*>& tickets) {
    store::StoreCommit commit{.moment = clock_.Wall()};
    for (Ticket* ticket : tickets) {
      ++ticket->revision;
      store::TicketRevision revision;
      revision.ticket = *ticket;
      revision.json = words::TicketToJson(*ticket, "https://signinwatch.contoso.example");
      revision.sinks = {kSink};
      commit.revisions.push_back(std::move(revision));
    }
    ASSERT_TRUE(store::CommitTo(*store_, commit).ok());
    stage_->NoteCommit();
    for (int i = 0; i < 1'000 && store::DepthsOf(*store_)[kSink] > 0; ++i) Step();
    EXPECT_EQ(store::DepthsOf(*store_)[kSink], 0u) << "it does not come to rest";
  }

  [[nodiscard]] std::vector<store::RemoteTicket> Remotes(const std::string& ticket_id) {
    std::vector<store::RemoteTicket> remotes;
    EXPECT_TRUE(store_->RemoteTickets(kSink, ticket_id, &remotes).ok());
    return remotes;
  }
  [[nodiscard]] bool WasGivenUp(const Ticket& ticket) const {
    std::vector<store::FailedDelivery> failed;
    EXPECT_TRUE(store_->FailedDeliveries(store::kFailedDeliveriesMax, &failed).ok());
    return std::any_of(failed.begin(), failed.end(), [&ticket](const store::FailedDelivery& each) {
      return each.ticket_id == ticket.ticket_id && each.revision == ticket.revision;
    });
  }
  // Why attempts failed, as metrics have it.
  [[nodiscard]] const std::set<std::string>& reasons() const { return reasons_; }

 private:
  void Restart() {
    stage_.reset();
    outbox_.reset();
    store_.reset();
    store_ = store::MustOpen({.path = folder_.Path("store.db"), .limits = {.sinks = {kSink}}});
    (void)store::ClaimOf(*store_);
    outbox_ = std::make_unique<KillingOutbox>(store_.get(), wire_);
    wire_->ForgetPauses();
    TicketSinkOr sink = system_->MakeSink(
        kSink,
        {.source_cluster = cluster_, .make_http = nullptr, .clock = clock_, .outbox = *outbox_});
    ASSERT_TRUE(sink.ok()) << sink.status();
    stage_ = std::make_unique<DeliveryStage>(
        DeliveryOptions{.sink = kSink, .type = "of the test"}, *outbox_, *std::move(sink), clock_,
        [this](const std::string&, const store::Delivery&, const SendResult& result) {
          if (result.kind != SendResult::Kind::kDelivered) reasons_.insert(result.reason);
        });
  }
  void Step() {
    try {
      const steps::StepResult next = stage_->Step(clock_.Now());
      if (next.again_at != clock::SteadyTime::max()) clock_.AdvanceTo(next.again_at);
    } catch (const Killed&) {
      Restart();
    }
  }

  clock::ManualClock& clock_;
  const config::KafkaCluster cluster_;
  const TemporaryFolder folder_{InMemory()};
  Wire* wire_ = nullptr;
  System* system_ = nullptr;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<KillingOutbox> outbox_;
  std::unique_ptr<DeliveryStage> stage_;
  std::set<std::string> reasons_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_CONFORMANCE_PROCESS_H_
