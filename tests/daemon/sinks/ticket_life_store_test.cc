// A ticket's life over the real store: what is committed there is enough to go on from, at whatever
// point the process was killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "daemon/sinks/delivery.h"
#include "daemon/sinks/ticket_life.h"
#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/sinks/fake_ticket_system.h"
#include "tests/daemon/store/store_samples.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// A process that ends, and begins again on the same file.
class Process {
 public:
  Process(const std::string& path, FakeServer* server, const Clock& clock)
      : store_(MustOpen({.path = path, .limits = {.sinks = {"soc"}}})),
        stage_({.sink = "soc", .type = "fake"}, *store_,
               std::make_unique<TicketLife>("soc", std::make_unique<FakeTicketSystem>(server),
                                            *store_, clock),
               clock, nullptr) {
    ClaimOf(*store_);
  }

  decltype(MustOpen({})) store_;
  DeliveryStage stage_;
};

class TicketLifeStoreTest : public testing::Test {
 protected:
  void Begin() {
    process_.reset();
    process_ = std::make_unique<Process>(folder_->Path("store.db"), &server_, clock_);
  }
  void Tell(TicketState state, uint32_t reopened = 0) {
    TicketRevision revision = RevisionOf("t1", ++revision_, {"soc"});
    revision.ticket.state = state;
    revision.ticket.reopened = reopened;
    if (state == TicketState::kMerged) revision.ticket.merged_into = "t0";
    ASSERT_TRUE(
        CommitTo(*process_->store_, {.moment = clock_.Wall(), .revisions = {revision}}).ok());
    process_->stage_.NoteCommit();
    for (int i = 0; i < 1'000; ++i) {
      try {
        const StepResult next = process_->stage_.Step(clock_.Now());
        if (next.again_at == SteadyTime::max()) return;
        clock_.AdvanceTo(next.again_at);
      } catch (const Killed&) {
        Begin();
      }
    }
    FAIL() << "it does not come to rest";
  }

  std::unique_ptr<TemporaryFolder> folder_;
  ManualClock clock_{kMorning};
  FakeServer server_{clock_};
  std::unique_ptr<Process> process_;
  uint32_t revision_ = 0;
};

TEST_F(TicketLifeStoreTest, GoesOnFromTheStore) {
  int points = 1;
  for (int kill_at = 0; kill_at < points; ++kill_at) {
    SCOPED_TRACE("killed at " + std::to_string(kill_at));
    process_.reset();
    folder_ = std::make_unique<TemporaryFolder>();
    server_.tickets.clear();
    server_.traits.notes = true;
    revision_ = 0;
    int point = 0;
    server_.fault = [&](const std::string&) {
      point += 2;
      if (kill_at == point - 2) return FakeFault::kKilledBefore;
      return kill_at == point - 1 ? FakeFault::kKilledAfter : FakeFault::kNone;
    };
    Begin();
    Tell(TicketState::kOpen);
    Tell(TicketState::kOpen);
    Tell(TicketState::kResolved);
    Tell(TicketState::kOpen, 1);
    Tell(TicketState::kMerged, 1);
    points = std::max(points, point);

    ASSERT_THAT(server_.tickets, SizeIs(1));
    const FakeTicket& ticket = server_.tickets[0];
    EXPECT_FALSE(ticket.open);
    EXPECT_EQ(ticket.fields.at("text"), "t1/5");
    EXPECT_EQ(ticket.merged_into, "t0");
    EXPECT_THAT(ticket.notes, SizeIs(4));

    std::vector<RemoteTicket> remotes;
    ASSERT_TRUE(process_->store_->RemoteTicketsOf("t1", &remotes).ok());
    ASSERT_THAT(remotes, SizeIs(1));
    EXPECT_EQ(remotes[0].remote_id, "T1");
    EXPECT_EQ(remotes[0].link, "https://tickets.example/T1");
    EXPECT_EQ(remotes[0].state, RemoteState::kClosed);
    EXPECT_EQ(remotes[0].revision, 5u);
    EXPECT_EQ(remotes[0].error, "");
    EXPECT_FALSE(remotes[0].intent.has_value());
    EXPECT_THAT(WaitingOf(*process_->store_, "soc"), IsEmpty());
    std::vector<FailedDelivery> failed;
    ASSERT_TRUE(process_->store_->FailedDeliveries(10, &failed).ok());
    EXPECT_THAT(failed, IsEmpty());
    if (HasFailure()) return;
  }
  EXPECT_GT(points, 20);
}

TEST_F(TicketLifeStoreTest, ShowsWhatWasGivenUpAndASuccessor) {
  folder_ = std::make_unique<TemporaryFolder>();
  Begin();
  Tell(TicketState::kOpen);
  server_.fault = [](const std::string& name) {
    return name == "update" ? FakeFault::kRefused : FakeFault::kNone;
  };
  Tell(TicketState::kOpen);
  std::vector<RemoteTicket> remotes;
  ASSERT_TRUE(process_->store_->RemoteTicketsOf("t1", &remotes).ok());
  ASSERT_THAT(remotes, SizeIs(1));
  EXPECT_EQ(remotes[0].revision, 1u);
  EXPECT_THAT(remotes[0].error, testing::HasSubstr("HTTP 400"));
  server_.fault = [](const std::string&) { return FakeFault::kNone; };
  server_.PersonCloses(&server_.tickets[0]);
  Tell(TicketState::kOpen, 1);
  Begin();
  Tell(TicketState::kResolved, 1);
  remotes.clear();
  ASSERT_TRUE(process_->store_->RemoteTickets("soc", "t1", &remotes).ok());
  ASSERT_THAT(remotes, SizeIs(2));
  EXPECT_EQ(remotes[0].state, RemoteState::kClosedByPerson);
  EXPECT_EQ(remotes[1].state, RemoteState::kClosed);
  EXPECT_EQ(server_.At("T2").former, "T1");
}

}  // namespace
}  // namespace signinwatch
