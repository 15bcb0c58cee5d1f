// What is known of tickets at the sinks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/store/conformance/store_kinds.h"

namespace signinwatch::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Kind = DeliveryOutcome::Kind;

class RemoteConformance : public StoreConformance<Store> {
 protected:
  RemoteConformance() { CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc", "mail"})}); }

  // What an outcome of the first delivery that waits for `sink` leaves.
  void Acknowledge(const std::string& sink, DeliveryOutcome outcome) {
    outcome.sequence = Deliveries(sink).front().sequence;
    const absl::Status s = store_->Acknowledge(sink, {&outcome, 1}, Minute(60));
    ASSERT_TRUE(s.ok()) << s;
  }
  std::vector<RemoteTicket> At(const std::string& sink, const std::string& ticket_id = "t1") {
    std::vector<RemoteTicket> remotes;
    EXPECT_TRUE(store_->RemoteTickets(sink, ticket_id, &remotes).ok());
    return remotes;
  }
  std::vector<RemoteTicket> Everywhere(const std::string& ticket_id = "t1") {
    std::vector<RemoteTicket> remotes;
    EXPECT_TRUE(store_->RemoteTicketsOf(ticket_id, &remotes).ok());
    return remotes;
  }
};

INSTANTIATE_TEST_SUITE_P(Each, RemoteConformance, testing::ValuesIn(Stores()), NameOf());

TEST_P(RemoteConformance, AnIntentIsThereBeforeTheRequestAndGoesWithItsOutcome) {
  EXPECT_THAT(At("soc"), IsEmpty());
  RemoteTicket remote{.sink = "soc", .ticket_id = "t1"};
  remote.intent = {"create", 1, Minute(21)};
  ASSERT_TRUE(store_->NoteRemote(remote).ok());
  Reopen();
  EXPECT_THAT(At("soc"), ElementsAre(remote)) << "a crash before the outcome was known";
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("t1#1"));

  RemoteTicket made = remote;
  made.remote_id = "SOC-17";
  made.link = "https://jira.example/browse/SOC-17";
  made.revision = 1;
  made.memo = "open high";
  made.intent.reset();
  Acknowledge("soc", {.remote = made});
  Reopen();
  EXPECT_THAT(At("soc"), ElementsAre(made));
  EXPECT_THAT(WaitingOf(*store_, "soc"), IsEmpty());
  EXPECT_THAT(Everywhere(), ElementsAre(made)) << "mail has not been told";
}

TEST_P(RemoteConformance, ASuccessorStandsBesideWhatAPersonClosed) {
  RemoteTicket first{.sink = "soc", .ticket_id = "t1", .remote_id = "SOC-17", .revision = 1};
  first.state = RemoteState::kClosedByPerson;
  RemoteTicket second{.sink = "soc", .ticket_id = "t1", .generation = 2, .remote_id = "SOC-18"};
  second.reopened = 1;
  ASSERT_TRUE(store_->NoteRemote(second).ok());
  ASSERT_TRUE(store_->NoteRemote(first).ok());
  EXPECT_THAT(At("soc"), ElementsAre(first, second));
  EXPECT_THAT(Everywhere(), ElementsAre(second));
  for (uint32_t generation = 3; generation < 20; ++generation) {
    second.generation = generation;
    ASSERT_TRUE(store_->NoteRemote(second).ok());
  }
  EXPECT_THAT(At("soc"), SizeIs(kRemoteGenerationsMax));
  EXPECT_EQ(At("soc").back().generation, 19u);
}

// A sink that has no names for tickets says only that it was told, or not.
TEST_P(RemoteConformance, EachSinkHasTheLastRevisionThatItWasTold) {
  TicketRevision resolved = RevisionOf("t1", 2, {});
  resolved.ticket.state = TicketState::kResolved;
  resolved.ticket.reopened = 3;
  CommitRevisions(Minute(21), {resolved});
  Acknowledge("mail", {.kind = Kind::kFailed, .error = "550 no such box", .reason = "refused"});
  Acknowledge("soc", {});
  EXPECT_THAT(
      Everywhere(),
      ElementsAre(RemoteTicket{.sink = "mail", .ticket_id = "t1", .error = "550 no such box"},
                  RemoteTicket{.sink = "soc", .ticket_id = "t1", .revision = 1}));
  Acknowledge("mail", {});
  Acknowledge("soc", {.kind = Kind::kFailed, .error = "too large", .reason = "refused"});
  RemoteTicket mail{.sink = "mail", .ticket_id = "t1", .revision = 2, .reopened = 3};
  mail.state = RemoteState::kClosed;
  EXPECT_THAT(Everywhere(), ElementsAre(mail, RemoteTicket{.sink = "soc",
                                                           .ticket_id = "t1",
                                                           .revision = 1,
                                                           .error = "too large"}));
}

TEST_P(RemoteConformance, AnErrorWithoutMoreLeavesWhatIsKnown) {
  RemoteTicket remote{.sink = "soc", .ticket_id = "t1", .generation = 2, .remote_id = "SOC-18"};
  remote.intent = {"update", 1, Minute(21)};
  ASSERT_TRUE(store_->NoteRemote(remote).ok());
  Acknowledge("soc", {.kind = Kind::kFailed, .error = std::string(5'000, 'e')});
  remote.error = std::string(kDeliveryErrorBytesMax, 'e');
  EXPECT_THAT(At("soc"), ElementsAre(remote));
}

// The outbox's bound may take a delivery out while it is under way: what it made there is there.
TEST_P(RemoteConformance, WhatADroppedDeliveryMadeIsKept) {
  const RemoteTicket made{.sink = "soc", .ticket_id = "t1", .remote_id = "SOC-17", .revision = 1};
  const DeliveryOutcome outcomes[] = {{.sequence = 4'711, .remote = made}, {.sequence = 4'712}};
  ASSERT_TRUE(store_->Acknowledge("soc", outcomes, Minute(60)).ok());
  EXPECT_THAT(At("soc"), ElementsAre(made));
}

TEST_P(RemoteConformance, IsForgottenWithTheTicket) {
  ASSERT_TRUE(store_->NoteRemote({.sink = "soc", .ticket_id = "t1", .remote_id = "SOC-17"}).ok());
  ASSERT_TRUE(store_->NoteRemote({.sink = "soc", .ticket_id = "none", .remote_id = "X"}).ok());
  EXPECT_THAT(At("soc", "none"), IsEmpty()) << "nobody would ever forget it";
  Acknowledge("soc", {});
  Acknowledge("mail", {});
  MaintainAll(*store_, Minute(0) + 400 * kDay);
  EXPECT_THAT(Everywhere(), IsEmpty());
}

// Who says again what holds starts from this.
TEST_P(RemoteConformance, WhatIsOpenAtASinkIsThereWithTheNewestRevisionThatItMayHave) {
  std::vector<ToldTicket> told;
  const auto tell = [&] {
    told.clear();
    EXPECT_TRUE(store_->ToldTickets("soc", &told).ok());
    return told.size();
  };
  TicketRevision second = RevisionOf("t1", 2, {"soc"});
  second.json = R"({"revision":2})";
  CommitRevisions(Minute(21), {second, RevisionOf("t2", 1, {"mail"})});
  EXPECT_EQ(tell(), 0u);
  RemoteTicket remote{.sink = "soc", .ticket_id = "t1", .revision = 1};
  ASSERT_TRUE(store_->NoteRemote(remote).ok());
  ASSERT_TRUE(store_->NoteRemote({.sink = "mail", .ticket_id = "t2", .revision = 1}).ok());
  ASSERT_EQ(tell(), 1u);
  EXPECT_EQ(told[0].remote, remote);
  EXPECT_EQ(told[0].json, RevisionOf("t1", 1, {}).json);
  remote.intent = {"update", 2, Minute(22)};
  ASSERT_TRUE(store_->NoteRemote(remote).ok());
  ASSERT_EQ(tell(), 1u);
  EXPECT_EQ(told[0].json, second.json);

  remote.state = RemoteState::kClosed;
  remote.intent.reset();
  ASSERT_TRUE(store_->NoteRemote(remote).ok());
  EXPECT_EQ(tell(), 0u);
  remote.memo = "owed";
  ASSERT_TRUE(store_->NoteRemote(remote).ok());
  EXPECT_EQ(tell(), 1u);
  remote.state = RemoteState::kClosedByPerson;
  ASSERT_TRUE(store_->NoteRemote(remote).ok());
  EXPECT_EQ(tell(), 0u);
}

TEST_P(RemoteConformance, TextsHaveBounds) {
  const auto note = [&](auto change) {
    RemoteTicket remote{.sink = "soc", .ticket_id = "t1"};
    change(remote);
    return store_->NoteRemote(remote).code();
  };
  constexpr auto kRefused = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(note([](RemoteTicket& r) { r.remote_id.resize(kRemoteIdBytesMax + 1); }), kRefused);
  EXPECT_EQ(note([](RemoteTicket& r) { r.link.resize(kRemoteLinkBytesMax + 1); }), kRefused);
  EXPECT_EQ(note([](RemoteTicket& r) { r.memo.resize(kRemoteMemoBytesMax + 1); }), kRefused);
  EXPECT_EQ(note([](RemoteTicket& r) {
              r.intent = RemoteIntent{std::string(kRemoteOperationBytesMax + 1, 'o')};
            }),
            kRefused);
  EXPECT_EQ(note([](RemoteTicket& r) { r.memo.resize(kRemoteMemoBytesMax, 'm'); }),
            absl::StatusCode::kOk);
  EXPECT_EQ(At("soc").front().memo.size(), kRemoteMemoBytesMax);
}

}  // namespace
}  // namespace signinwatch::store
