// A ticket's life in a ticket system in memory: each rule, each failure, and a kill at each point.
#include "daemon/sinks/ticket_life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sinks/delivery.h"
#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/sinks/deliveries.h"
#include "tests/daemon/sinks/fake_ticket_system.h"
#include "tests/daemon/sinks/memory_outbox.h"

namespace signinwatch::sinks {
namespace ticket_life_test {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class TicketLifeTest : public testing::Test {
 protected:
  TicketLifeTest() { Restart(); }

  // All that the process had in memory is lost.
  void Restart() {
    stage_ = std::make_unique<DeliveryStage>(
        DeliveryOptions{.sink = "soc", .type = "fake"}, outbox_,
        std::make_unique<TicketLife>("soc", std::make_unique<FakeTicketSystem>(&server_), outbox_,
                                     clock_),
        clock_, nullptr);
  }

  // The next revision of a ticket.
  store::Delivery Next(const std::string& state, uint32_t reopened = 0,
                       const std::string& id = "t1") {
    store::Delivery delivery = MakeDelivery(++sequence_, id, ++revisions_[id]);
    delivery.state = state;
    delivery.reopened = reopened;
    return delivery;
  }
  void Tell(const std::string& state, uint32_t reopened = 0, const std::string& id = "t1") {
    Tell(Next(state, reopened, id));
  }
  void Tell(const store::Delivery& delivery) {
    outbox_.Add(delivery);
    stage_->NoteCommit();
    Run();
  }
  // Until nothing waits.
  void Run() {
    for (int i = 0; i < 10'000 && outbox_.depth() > 0; ++i) {
      try {
        const steps::StepResult next = stage_->Step(clock_.Now());
        if (next.again_at != clock::SteadyTime::max()) clock_.AdvanceTo(next.again_at);
      } catch (const Killed&) {
        Restart();
      }
    }
    EXPECT_EQ(outbox_.depth(), 0u);
    // An acknowledgement may be due.
  }

  // Of the calls that follow, one after another; then none fails.
  void Fail(std::vector<std::pair<std::string, FakeFault>> faults) {
    server_.fault = [faults](const std::string& name) mutable {
      if (faults.empty() || faults.front().first != name) return FakeFault::kNone;
      const FakeFault fault = faults.front().second;
      faults.erase(faults.begin());
      return fault;
    };
  }
  std::vector<std::string> TakeCalls() { return std::exchange(server_.calls, {}); }
  FakeTicket& Only() {
    EXPECT_THAT(server_.tickets, SizeIs(1));
    return server_.tickets.front();
  }
  store::RemoteTicket Remote(const std::string& id = "t1") {
    std::vector<store::RemoteTicket> remotes;
    EXPECT_TRUE(outbox_.RemoteTickets("soc", id, &remotes).ok());
    return remotes.empty() ? store::RemoteTicket() : remotes.back();
  }

  clock::ManualClock clock_{EventTime(Duration(1'764'158'400'000'000))};
  FakeServer server_{clock_};
  MemoryOutbox outbox_;
  std::unique_ptr<DeliveryStage> stage_;
  int64_t sequence_ = 0;
  std::map<std::string, uint32_t> revisions_;
};

TEST_F(TicketLifeTest, MakesUpdatesAndCloses) {
  Tell("open");
  EXPECT_THAT(TakeCalls(), ElementsAre("find", "create"));
  EXPECT_TRUE(Only().open);
  EXPECT_EQ(Remote().remote_id, "T1");
  EXPECT_EQ(Remote().link, "https://tickets.example/T1");
  EXPECT_EQ(Remote().state, store::RemoteState::kOpen);
  Tell("open");
  EXPECT_THAT(TakeCalls(), ElementsAre("read", "update"));
  Tell("resolved");
  EXPECT_THAT(TakeCalls(), ElementsAre("read", "update", "resolve"));
  EXPECT_THAT(Only().wrote, ElementsAre("t1/1", "t1/2", "t1/3"));
  EXPECT_FALSE(Only().open);
  EXPECT_EQ(Remote().state, store::RemoteState::kClosed);
  EXPECT_EQ(Remote().revision, 3u);
  EXPECT_FALSE(Remote().intent.has_value());
}

TEST_F(TicketLifeTest, WhatIsResolvedAlreadyIsMadeAndClosed) {
  Tell("resolved");
  EXPECT_THAT(TakeCalls(), ElementsAre("find", "create", "resolve"));
  EXPECT_FALSE(Only().open);
  EXPECT_EQ(Remote().state, store::RemoteState::kClosed);
}

TEST_F(TicketLifeTest, OpensWhatItClosedAgainIfTheBurstGoesOn) {
  Tell("open");
  Tell("resolved");
  TakeCalls();
  Tell("resolved");  // a late record changed its findings
  EXPECT_THAT(TakeCalls(), ElementsAre("read", "update"));
  EXPECT_FALSE(Only().open);
  Tell("open", 1);
  EXPECT_THAT(TakeCalls(), ElementsAre("read", "reopen", "update"));
  EXPECT_TRUE(Only().open);
  EXPECT_EQ(Remote().state, store::RemoteState::kOpen);
  EXPECT_EQ(Remote().reopened, 1u);
}

TEST_F(TicketLifeTest, NamesOthersAsTheyAreCalledThere) {
  Tell("open", 0, "p1");
  store::Delivery part = Next("open");
  part.parent_ticket_id = "p1";
  Tell(part);
  EXPECT_EQ(server_.At("T2").parent, "T1");
  store::Delivery merged = Next("merged");
  merged.merged_into = "p1";
  Tell(merged);
  EXPECT_EQ(server_.At("T2").merged_into, "T1");
  EXPECT_FALSE(server_.At("T2").open);
  // What was not told there is named as we call it.
  store::Delivery other = Next("merged", 0, "t9");
  other.merged_into = "unknown";
  Tell(other);
  EXPECT_EQ(server_.At("T3").merged_into, "unknown");
}

TEST_F(TicketLifeTest, WhatAPersonClosedIsLeftAlone) {
  Tell("open");
  server_.PersonCloses(&Only());
  TakeCalls();
  Tell("open");
  EXPECT_THAT(TakeCalls(), ElementsAre("read"));
  EXPECT_EQ(Remote().state, store::RemoteState::kClosedByPerson);
  EXPECT_EQ(Remote().revision, 1u);
  Tell("resolved");
  EXPECT_THAT(TakeCalls(), IsEmpty());
  EXPECT_FALSE(Only().touched_after_person);
}

TEST_F(TicketLifeTest, AReopenedBurstHasASuccessorOfWhatAPersonClosed) {
  Tell("open");
  server_.PersonCloses(&Only());
  Tell("resolved");
  EXPECT_THAT(server_.tickets, SizeIs(1));
  Tell("open", 1);
  ASSERT_THAT(server_.tickets, SizeIs(2));
  EXPECT_EQ(server_.At("T2").key, "t1-2");
  EXPECT_EQ(server_.At("T2").former, "T1");
  EXPECT_EQ(server_.At("T2").fields.at("text"), "t1/3");
  TakeCalls();
  Tell("open", 1);
  EXPECT_THAT(TakeCalls(), ElementsAre("read", "update"));
  EXPECT_EQ(server_.At("T2").former, "T1") << "each text names it";
  EXPECT_FALSE(server_.At("T1").touched_after_person);
  EXPECT_EQ(Remote().generation, 2u);
  server_.PersonCloses(&server_.At("T2"));
  Tell("open", 2);
  EXPECT_EQ(server_.At("T3").key, "t1-3");
  EXPECT_EQ(server_.At("T3").former, "T2");
}

TEST_F(TicketLifeTest, WhatIsNotToBeFixedIsAPersonsThoughWeClosedIt) {
  Tell("open");
  Tell("resolved");
  Only().wont_fix = true;
  server_.PersonCloses(&Only());
  Tell("open", 1);
  ASSERT_THAT(server_.tickets, SizeIs(2));
  EXPECT_FALSE(server_.tickets[0].touched_after_person);
}

TEST_F(TicketLifeTest, WhatIsGoneWasClosedByAPerson) {
  Tell("open");
  Only().gone = true;
  Tell("open");
  EXPECT_EQ(Remote().state, store::RemoteState::kClosedByPerson);
  EXPECT_THAT(server_.tickets, SizeIs(1));
  Tell("open", 1);
  EXPECT_EQ(server_.At("T2").key, "t1-2");
}

TEST_F(TicketLifeTest, AMessageThatIsGoneIsMadeAnew) {
  server_.traits.made_anew_when_gone = true;
  for (const bool reads : {true, false}) {
    server_.traits.reads = reads;
    Restart();
    const std::string id = reads ? "t1" : "t2";
    Tell("open", 0, id);
    server_.tickets.back().gone = true;
    Tell("open", 0, id);
    EXPECT_EQ(server_.tickets.back().key, id);
    EXPECT_FALSE(server_.tickets.back().gone);
    EXPECT_EQ(server_.tickets.back().fields.at("text"), id + "/2");
    EXPECT_EQ(Remote(id).remote_id, server_.tickets.back().id);
  }
}

TEST_F(TicketLifeTest, WhatAPersonReopenedIsOpen) {
  Tell("open");
  Tell("resolved");
  Only().open = true;
  TakeCalls();
  Tell("resolved");
  EXPECT_THAT(TakeCalls(), ElementsAre("read", "update", "resolve"));
  EXPECT_FALSE(Only().open);
}

TEST_F(TicketLifeTest, FieldsThatAPersonChangedAreLeft) {
  Tell("open");
  Only().fields["severity"] = "as I see it";
  for (int i = 0; i < 2; ++i) {
    store::Delivery worse = Next("open");
    worse.severity = "critical";
    Tell(worse);
  }
  EXPECT_EQ(Only().fields["severity"], "as I see it");
  EXPECT_EQ(Only().fields["text"], "t1/3");
  // Put back as it was written, it is ours again.
  Only().fields["severity"] = "high";
  store::Delivery worse = Next("open");
  worse.severity = "critical";
  Tell(worse);
  EXPECT_EQ(Only().fields["severity"], "critical");
}

TEST_F(TicketLifeTest, TouchesNoStranger) {
  // Its look-ups return what was not asked for.
  server_.tickets.push_back({.id = "S1", .key = "t1-other"});
  server_.tickets.push_back({.id = "S2", .key = "t"});
  Tell("open");
  Tell("resolved");
  EXPECT_THAT(server_.tickets, SizeIs(3));
  EXPECT_THAT(server_.At("S1").wrote, IsEmpty());
  EXPECT_TRUE(server_.At("S1").open);
  EXPECT_FALSE(server_.At("T3").open);
}

TEST_F(TicketLifeTest, AnAnswerThatWasLostIsLookedFor) {
  Fail({{"create", FakeFault::kLostAnswer}});
  Tell("open");
  EXPECT_THAT(TakeCalls(), ElementsAre("find", "create", "find"));
  EXPECT_THAT(Only().wrote, ElementsAre("t1/1"));
  EXPECT_EQ(Remote().remote_id, "T1");
}

TEST_F(TicketLifeTest, WhereLookUpsAreDearOnlyWhatWasLostIsLookedFor) {
  server_.traits.finds_only_lost = true;
  Tell("open");
  EXPECT_THAT(TakeCalls(), ElementsAre("create"));
  Fail({{"create", FakeFault::kLostAnswer}});
  Tell("open", 0, "t2");
  EXPECT_THAT(TakeCalls(), ElementsAre("create", "find"));
  EXPECT_EQ(server_.lost_since, server_.created_at);
  EXPECT_THAT(server_.tickets, SizeIs(2));
}

TEST_F(TicketLifeTest, ARequestThatWasLostIsSentAgain) {
  Fail({{"create", FakeFault::kLostRequest}});
  Tell("open");
  // Then twins are looked for: the first may still be on its way.
  EXPECT_THAT(TakeCalls(), ElementsAre("find", "create", "find", "create", "find"));
  EXPECT_EQ(Only().key, "t1");
}

TEST_F(TicketLifeTest, WhatWasLostAndClosedByAPersonIsLeft) {
  server_.traits.find_lag = server_.lag = minutes(2);
  Fail({{"create", FakeFault::kLostAnswer}});
  outbox_.Add(Next("open"));
  while (server_.tickets.empty()) (void)stage_->Step(clock_.Now());
  server_.PersonCloses(&Only());
  Run();
  EXPECT_EQ(Remote().state, store::RemoteState::kClosedByPerson);
  Tell("open", 1);
  EXPECT_EQ(server_.At("T2").former, "T1");
  EXPECT_FALSE(server_.At("T1").touched_after_person);
}

TEST_F(TicketLifeTest, ALookUpThatLagsIsWaitedFor) {
  server_.traits.find_lag = server_.lag = minutes(2);
  Fail({{"create", FakeFault::kLostAnswer}});
  const clock::SteadyTime start = clock_.Steady();
  Tell("open");
  EXPECT_THAT(TakeCalls(), ElementsAre("find", "create", "find"));
  EXPECT_GE(clock_.Steady() - start, minutes(2));
  EXPECT_LT(clock_.Steady() - start, minutes(3));
  EXPECT_THAT(server_.tickets, SizeIs(1));
}

TEST_F(TicketLifeTest, TheWaitEndsThoughTheWallClockIsSetBack) {
  server_.traits.find_lag = server_.lag = minutes(2);
  Fail({{"create", FakeFault::kLostAnswer}});
  outbox_.Add(Next("open"));
  while (server_.tickets.empty()) (void)stage_->Step(clock_.Now());
  clock_.SetWall(clock_.Wall() - std::chrono::hours(24));
  const clock::SteadyTime start = clock_.Steady();
  Run();
  EXPECT_LT(clock_.Steady() - start, minutes(5));
  EXPECT_THAT(server_.tickets, SizeIs(1));
}

TEST_F(TicketLifeTest, TwinsAreRepaired) {
  // It lags for longer than it says.
  server_.traits.find_lag = minutes(2);
  server_.lag = minutes(3);
  Fail({{"create", FakeFault::kLostAnswer}});
  Tell("open");
  ASSERT_THAT(server_.tickets, SizeIs(2));
  EXPECT_TRUE(server_.At("T1").open);
  EXPECT_FALSE(server_.At("T2").open);
  EXPECT_EQ(server_.At("T2").merged_into, "T1");
  EXPECT_EQ(Remote().remote_id, "T1");
  TakeCalls();
  Tell("resolved");
  EXPECT_FALSE(server_.At("T1").open);
  EXPECT_THAT(server_.At("T2").wrote, ElementsAre("t1/1"));
}

TEST_F(TicketLifeTest, UniqueKeysNeedNoLookAndMakeNoTwins) {
  server_.traits = {.unique_keys = true, .reads = true};
  Fail({{"create", FakeFault::kLostAnswer}});
  Tell("open");
  EXPECT_THAT(TakeCalls(), ElementsAre("create", "create", "read", "update"));
  EXPECT_TRUE(Only().open);
}

TEST_F(TicketLifeTest, WhatWasNotDoneNeedsNoLook) {
  server_.traits.find_lag = minutes(2);
  Fail({{"create", FakeFault::kBusy}});
  const clock::SteadyTime start = clock_.Steady();
  Tell("open");
  EXPECT_THAT(TakeCalls(), ElementsAre("find", "create", "find", "create"));
  EXPECT_GE(clock_.Steady() - start, seconds(10));
  EXPECT_LT(clock_.Steady() - start, minutes(1));
}

TEST_F(TicketLifeTest, WhatWaitsShowsWhy) {
  server_.fault = [](const std::string&) { return FakeFault::kBusy; };
  outbox_.Add(Next("open"));
  (void)stage_->Step(clock_.Now());
  EXPECT_EQ(Remote().error, "HTTP 429");
  EXPECT_TRUE(stage_->status().down);
  Fail({});
  Run();
  EXPECT_EQ(Remote().error, "");
}

TEST_F(TicketLifeTest, OfManyThatWaitOnlyThoseThatMatterAreTold) {
  for (const char* state : {"open", "open", "open", "resolved", "resolved"}) {
    outbox_.Add(Next(state));
  }
  outbox_.Add(Next("open", 1));
  Run();
  EXPECT_THAT(Only().wrote, ElementsAre("t1/1", "t1/4", "t1/6"));
  EXPECT_TRUE(Only().open);
  EXPECT_EQ(Remote().revision, 6u);
}

TEST_F(TicketLifeTest, WhatIsRefusedIsGivenUpAndTheNextIsTriedAnew) {
  Fail({{"create", FakeFault::kRefused}});
  Tell("open");
  EXPECT_THAT(server_.tickets, IsEmpty());
  const store::DeliveryOutcome failed = outbox_.outcomes().back();
  EXPECT_EQ(failed.kind, store::DeliveryOutcome::Kind::kFailed);
  EXPECT_EQ(failed.reason, "client");
  EXPECT_THAT(failed.error, HasSubstr("HTTP 400"));
  EXPECT_THAT(failed.error, Not(HasSubstr("anna"))) << "the other side's words name people";
  Tell("open");
  EXPECT_THAT(Only().wrote, ElementsAre("t1/2"));
  Fail({{"update", FakeFault::kRefused}});
  Tell("open");
  Tell("resolved");
  EXPECT_THAT(Only().wrote, ElementsAre("t1/2", "t1/4"));
  EXPECT_FALSE(Only().open);
}

TEST_F(TicketLifeTest, ANoteIsWrittenOnce) {
  server_.traits.notes = true;
  Tell("open");
  for (const FakeFault fault : {FakeFault::kLostAnswer, FakeFault::kLostRequest,
                                FakeFault::kKilledAfter, FakeFault::kKilledBefore}) {
    Fail({{"note", fault}});
    Tell("open");
  }
  EXPECT_THAT(Only().notes, ElementsAre("t1/2", "t1/3", "t1/4", "t1/5"));
}

TEST_F(TicketLifeTest, OfMessagesOnlyThoseThatMatterAreSent) {
  server_.traits = {.updates = false};
  Tell("open");
  Tell("open");
  store::Delivery worse = Next("open");
  worse.severity = "critical";
  Tell(worse);
  Tell("open");  // high again
  Tell("open");
  Tell("resolved");
  Tell("resolved");
  Restart();
  Tell("open", 1);
  Tell("open", 2);
  Tell("merged", 2);
  EXPECT_THAT(server_.messages, ElementsAre("t1/1", "t1/3", "t1/6", "t1/8", "t1/9", "t1/10"));
  EXPECT_THAT(server_.calls, Each("create"));
  EXPECT_EQ(Remote().state, store::RemoteState::kClosed);
}

TEST_F(TicketLifeTest, AMessageIsCopiedOnlyWhereItsOutcomeIsUnknown) {
  server_.traits = {.updates = false};
  Fail({{"create", FakeFault::kLostAnswer}, {"create", FakeFault::kBusy}});
  Tell("open");
  EXPECT_THAT(server_.messages, ElementsAre("t1/1", "t1/1"));
}

TEST_F(TicketLifeTest, WhatWouldPageAgainIsNotWrittenToOnceClosed) {
  server_.traits = {.unique_keys = true, .silent_when_closed = true};
  Tell("open");
  Fail({{"resolve", FakeFault::kLostAnswer}});
  Tell("resolved");
  EXPECT_THAT(TakeCalls(), ElementsAre("create", "update", "resolve", "resolve"));
  Tell("resolved");
  EXPECT_THAT(TakeCalls(), IsEmpty());
  Tell("open", 1);
  EXPECT_THAT(TakeCalls(), ElementsAre("reopen", "update"));
}

TEST_F(TicketLifeTest, NothingIsDoneThatWasNotCommitted) {
  outbox_.failing_notes = 1'000;
  outbox_.Add(Next("open"));
  (void)stage_->Step(clock_.Now());
  EXPECT_THAT(server_.calls, Not(Contains("create")));
  outbox_.failing_notes = 2;
  Run();
  EXPECT_THAT(Only().wrote, ElementsAre("t1/1"));
}

TEST_F(TicketLifeTest, AnOlderRevisionIsNeverToldAfterANewerOne) {
  const store::Delivery first = Next("open");
  Tell(first);
  Tell("open");
  TakeCalls();
  store::Delivery again = first;
  again.sequence = ++sequence_;
  Tell(again);
  EXPECT_THAT(TakeCalls(), IsEmpty());
  EXPECT_EQ(Remote().revision, 2u);
}

// Whole lives, killed at each point of them, or at random.
struct Life {
  const char* name;
  SystemTraits traits;
  std::chrono::milliseconds lag{0};
};

const std::vector<Life>& Lives() {
  static const std::vector<Life> lives{
      {"finds", {.finds = true, .reads = true}},
      {"finds what was lost", {.finds = true, .finds_only_lost = true, .reads = true}},
      {"finds and notes", {.finds = true, .reads = true, .notes = true}},
      {"lags", {.finds = true, .find_lag = minutes(2), .reads = true, .notes = true}, minutes(2)},
      {"lags more", {.finds = true, .find_lag = minutes(2), .reads = true}, seconds(150)},
      {"unique keys", {.unique_keys = true, .reads = true}},
      {"unique keys that are found", {.finds = true, .unique_keys = true, .reads = true}},
      {"pages", {.unique_keys = true, .silent_when_closed = true}},
  };
  return lives;
}

class WholeLifeTest : public TicketLifeTest {
 protected:
  void Use(const Life& life) {
    server_.traits = life.traits;
    server_.lag = life.lag;
    Restart();
  }

  void CheckTickets() {
    for (const FakeTicket& ticket : server_.tickets) {
      EXPECT_FALSE(ticket.touched_after_person) << ticket.id;
      std::vector<std::string> sorted = ticket.wrote;
      std::stable_sort(sorted.begin(), sorted.end(),
                       [](const std::string& a, const std::string& b) {
                         return std::stoi(a.substr(3)) < std::stoi(b.substr(3));
                       });
      EXPECT_EQ(ticket.wrote, sorted) << "an older revision came after a newer one";
      const std::set<std::string> once(ticket.notes.begin(), ticket.notes.end());
      EXPECT_EQ(once.size(), ticket.notes.size()) << "a note was written twice";
    }
  }
};

TEST_F(WholeLifeTest, AKillAtAnyPointLosesAndDoublesNothing) {
  for (const Life& life : Lives()) {
    int points = 1;
    for (int kill_at = 0; kill_at < points; ++kill_at) {
      SCOPED_TRACE(std::string(life.name) + ", killed at " + std::to_string(kill_at));
      server_.tickets.clear();
      server_.calls.clear();
      outbox_.Clear();
      revisions_.clear();
      int point = 0;
      server_.fault = [&](const std::string&) {
        point += 2;
        if (kill_at == point - 2) return FakeFault::kKilledBefore;
        return kill_at == point - 1 ? FakeFault::kKilledAfter : FakeFault::kNone;
      };
      outbox_.on_write = [&] {
        if (kill_at == point++) throw Killed();
      };
      Use(life);
      Tell("open");
      Tell("open");
      Tell("resolved");
      Tell("resolved");
      Tell("open", 1);
      Tell("resolved", 1);
      Tell("merged", 1);
      points = std::max(points, point);
      std::vector<const FakeTicket*> with_key = server_.WithKey("t1");
      ASSERT_FALSE(with_key.empty());
      EXPECT_THAT(with_key, SizeIs(1));
      EXPECT_FALSE(with_key[0]->open);
      if (!life.traits.silent_when_closed) {
        EXPECT_EQ(with_key[0]->fields.at("text"), "t1/7");
      }
      EXPECT_EQ(Remote().state, store::RemoteState::kClosed);
      EXPECT_EQ(Remote().remote_id, with_key[0]->id);
      EXPECT_EQ(Remote().revision, 7u);
      CheckTickets();
      if (HasFailure()) return;
    }
    EXPECT_GT(points, 20);
  }
}

// Faults, kills, people and lags at random: one open ticket a key, and nobody's hand undone.
TEST_F(WholeLifeTest, WhateverHappensThereIsOneTicket) {
  for (uint32_t seed = 0; seed < 2'000; ++seed) {
    const Life& life = Lives()[seed % Lives().size()];
    SCOPED_TRACE(std::string(life.name) + ", seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto chance = [&random](int percent) {
      return std::uniform_int_distribution<int>(0, 99)(random) < percent;
    };
    server_.tickets.clear();
    outbox_.Clear();
    revisions_.clear();
    outbox_.on_write = [&] {
      if (chance(3)) throw Killed();
    };
    server_.fault = [&](const std::string& name) {
      if (!chance(25)) return FakeFault::kNone;
      const FakeFault faults[] = {FakeFault::kLostRequest, FakeFault::kLostAnswer,
                                  FakeFault::kKilledBefore, FakeFault::kKilledAfter,
                                  FakeFault::kBusy};
      return faults[std::uniform_int_distribution<size_t>(0, name == "read" ? 3 : 4)(random)];
    };
    Use(life);
    bool people = false;
    uint32_t reopened = 0;
    std::string state = "open";
    for (int i = 0; i < 8; ++i) {
      if (state == "resolved" && chance(50)) {
        state = "open";
        ++reopened;
      } else if (chance(40)) {
        state = "resolved";
      }
      Tell(state, reopened);
      if (!life.traits.reads || !chance(15)) continue;
      people = true;
      for (FakeTicket& ticket : server_.tickets) {
        if (ticket.open) {
          server_.PersonCloses(&ticket);
        } else if (!ticket.closed_by_person && ticket.merged_into.empty()) {
          ticket.open = true;
        }
      }
    }
    CheckTickets();
    std::map<std::string, int> open;
    for (const FakeTicket& ticket : server_.tickets) open[ticket.key] += ticket.open ? 1 : 0;
    for (const auto& [key, count] : open) EXPECT_LE(count, 1) << key;
    if (!people) {
      EXPECT_EQ(open["t1"], state == "open" ? 1 : 0);
      const FakeTicket& told = server_.At(Remote().remote_id);
      EXPECT_EQ(told.open, state == "open");
      if (!life.traits.silent_when_closed) {
        EXPECT_EQ(told.fields.at("text"), "t1/8");
      }
    }
    if (HasFailure()) return;
  }
}

}  // namespace ticket_life_test
}  // namespace signinwatch::sinks
