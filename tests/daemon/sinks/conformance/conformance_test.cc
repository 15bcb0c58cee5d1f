// All sinks, all faults, at each step of a ticket's life: it ends with exactly one ticket on the
// other side, in the right state; or, where a system can't know, with all messages under the same
// reference, and copies of none but that whose outcome was unknown.
//
// A life is told once for each number of a request (or of a write of the store): in it the fault
// happens to the request of that number of *each* step. Where a step has no so many, it has none.
// With SIGNINWATCH_EVERY=N only each Nth number has a life: under a sanitizer they take minutes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/daemon/sinks/conformance/process.h"
#include "tests/daemon/sinks/conformance/systems.h"
#include "tests/daemon/sinks/conformance/wire.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::sinks {
namespace conformance_test {

using testing::Contains;
using testing::HasSubstr;

struct FaultCase {
  std::string name;
  WireFault fault = {};
  bool is_unknown = true;   // whether the request was carried out: it may be repeated
  std::string reason = {};  // by which it is seen in metrics (HTTP); empty: it is none
};

const std::vector<FaultCase>& FaultCases() {
  using enum CallFault;
  static const std::vector<FaultCase> cases{
      {.name = "NoFault", .is_unknown = false},
      {.name = "NoConnection",
       .fault = {kNoConnection},
       .is_unknown = false,
       .reason = "connection"},
      {.name = "LostRequest", .fault = {kLostRequest}, .reason = "connection"},
      {.name = "LostAnswer", .fault = {kLostAnswer}, .reason = "connection"},
      {.name = "TimeOut", .fault = {kTimeOut}, .reason = "timeout"},
      {.name = "Slow", .fault = {kSlow}, .reason = "timeout"},
      {.name = "TooMany", .fault = {kTooMany}, .is_unknown = false, .reason = "rate_limited"},
      {.name = "ServerError", .fault = {kServerError}, .reason = "server"},
      {.name = "ServerErrorAfter", .fault = {kServerErrorAfter}, .reason = "server"},
      {.name = "Unavailable", .fault = {kUnavailable}, .reason = "server"},
      {.name = "CutBody", .fault = {kCutBody}},
      {.name = "Sleeping", .fault = {kSleeping}},
      {.name = "ExpiredToken", .fault = {kExpired}, .is_unknown = false, .reason = "auth"},
      {.name = "RefusedField", .fault = {kRefused}, .is_unknown = false, .reason = "client"},
      {.name = "KilledBefore", .fault = {kKilledBefore}},
      {.name = "KilledAfter", .fault = {kKilledAfter}},
      {.name = "KilledBeforeIntent", .fault = {.kill = StoreKill::kBeforeIntent}},
      {.name = "KilledAfterIntent", .fault = {.kill = StoreKill::kAfterIntent}},
      {.name = "KilledBeforeOutcome", .fault = {.kill = StoreKill::kBeforeOutcome}},
      {.name = "KilledAfterOutcome", .fault = {.kill = StoreKill::kAfterOutcome}},
  };
  return cases;
}

// Whether the fault can happen on that way.
bool Happens(const SystemCase& system, const FaultCase& fault) {
  using enum CallFault;
  if (fault.fault.kill == StoreKill::kBeforeOutcome || fault.fault.kill == StoreKill::kAfterOutcome)
    return true;
  if (fault.fault.kill != StoreKill::kNone) {  // an intent
    return system.told != Told::kRevisions;
  }
  if (fault.fault.call == kNone) return true;
  // What nobody answers can't be cut: these take a status alone.
  if (fault.fault.call == kCutBody || fault.fault.call == kSleeping) {
    return system.way == Way::kHttp && system.told == Told::kTicket &&
           system.name != "Alertmanager";
  }
  switch (system.way) {
    case Way::kHttp:
    case Way::kMail:
      return true;
    case Way::kConnection:
    case Way::kBroker:
      return fault.fault.call == kLostRequest || fault.fault.call == kLostAnswer ||
             fault.fault.call == kTimeOut || fault.fault.call == kSlow ||
             fault.fault.call == kKilledBefore || fault.fault.call == kKilledAfter;
    case Way::kDisk:
      return false;
  }
  return false;
}

struct Case {
  SystemCase system;
  FaultCase fault;
  friend void PrintTo(const Case& c, std::ostream* out) {
    *out << c.system.name << " " << c.fault.name;
  }
};

std::vector<Case> Cases(bool with_people) {
  std::vector<Case> cases;
  for (const SystemCase& system : SystemCases()) {
    if (with_people && !system.sees_people) continue;
    for (const FaultCase& fault : FaultCases()) {
      if (Happens(system, fault)) cases.push_back({system, fault});
    }
  }
  return cases;
}

class ConformanceTest : public testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] const SystemCase& system_case() const { return GetParam().system; }
  [[nodiscard]] bool is_refused() const {
    return GetParam().fault.fault.call == CallFault::kRefused;
  }

  // Another life, with other tickets, on an empty system and the same store.
  void Begin(int at) {
    at_ = at;
    has_fired_ = false;
    wire_ = std::make_unique<Wire>(clock_);
    // Who takes all revisions may get several again, by their keys.
    if (system_case().told == Told::kRevisions) wire_->AllowCopies();
    system_ = system_case().make(clock_, wire_.get());
    process_.Begin(wire_.get(), system_.get());
    parent_ = words::TenantTicket(Cause::kPasswordResetByAdmin);
    parent_.ticket_id = IdOf('a', at);
    parent_.severity = Severity::kHigh;
    ticket_ = words::UserTicket(Cause::kUnexplained);
    ticket_.ticket_id = IdOf('b', at);
    ticket_.parent_ticket_id = parent_.ticket_id;
    ticket_.severity = Severity::kMedium;
    told_.clear();
  }
  static std::string IdOf(char kind, int at) {
    const std::string number = std::to_string(1'000 + at);
    return std::string("6f6f4c5e-0000-5000-8000-") + kind + "0000000" + number;
  }

  // A step of a life: what is changed is told, and the fault happens to it. Where the revision is
  // refused it is given up, and the next one is tried anew. `matters`: a system that takes messages
  // is told.
  void Step(const char* name, const std::vector<Ticket*>& tickets, bool matters = true) {
    SCOPED_TRACE(name);
    wire_->Arm(GetParam().fault.fault, at_);
    process_.Tell(tickets);
    const bool has_fired = wire_->Disarm();
    has_fired_ = has_fired_ || has_fired;
    const bool is_told = matters || system_case().told == Told::kRevisions;
    for (const Ticket* ticket : tickets) {
      if (process_.WasGivenUp(*ticket)) {
        EXPECT_TRUE(is_refused() && has_fired) << "given up";
      } else if (is_told) {
        told_.emplace_back(ticket->ticket_id, ticket->revision);
      }
    }
    if (!process_.WasGivenUp(*tickets.back())) return;
    process_.Tell({tickets.back()});
    EXPECT_FALSE(process_.WasGivenUp(*tickets.back())) << "the next is tried anew";
    if (is_told) told_.emplace_back(tickets.back()->ticket_id, tickets.back()->revision);
  }

  [[nodiscard]] std::vector<ThereTicket> There(const std::string& key) const {
    std::vector<ThereTicket> tickets = system_->Tickets();
    std::erase_if(tickets, [&key](const ThereTicket& ticket) { return ticket.key != key; });
    return tickets;
  }

  // One ticket there is as the ticket says; of several the last, the others being over.
  void ExpectThere(const Ticket& ticket, const std::string& key, size_t count = 1) {
    if (system_case().told != Told::kTicket) return;
    SCOPED_TRACE(key + "/" + std::to_string(ticket.revision));
    const std::vector<ThereTicket> there = There(key);
    ASSERT_EQ(there.size(), count);
    for (size_t i = 0; i + 1 < count; ++i) EXPECT_FALSE(there[i].open);
    EXPECT_EQ(there.back().open, ticket.state == TicketState::kOpen);
    EXPECT_THAT(ReferencesIn(there.back().text),
                Contains(Reference(ticket.ticket_id, Told(ticket))));
    for (const std::string* related : {&ticket.parent_ticket_id, &ticket.merged_into}) {
      if (related->empty()) continue;
      EXPECT_TRUE(Names(there.back().text, *related)) << *related;
    }
    const store::RemoteTicket remote = process_.Remotes(ticket.ticket_id).back();
    EXPECT_EQ(remote.revision, ticket.revision);
    EXPECT_EQ(remote.state == store::RemoteState::kOpen, ticket.state == TicketState::kOpen);
    EXPECT_EQ(remote.error, "");
    EXPECT_FALSE(remote.intent.has_value());
  }
  // The revision whose text is there: a resolved incident is not paged again by later ones.
  [[nodiscard]] uint32_t Told(const Ticket& ticket) const {
    return system_case().pages && ticket.state != TicketState::kOpen ? resolved_by_
                                                                     : ticket.revision;
  }
  // By our name or by theirs.
  [[nodiscard]] bool Names(const std::string& text, const std::string& ticket_id) {
    if (text.find(ticket_id) != std::string::npos) return true;
    const std::string id = process_.Remotes(ticket_id).back().remote_id;
    return !id.empty() && text.find(id) != std::string::npos;
  }

  // Every message that was to be told is there, in order, and none beside copies.
  void ExpectMessages() {
    std::vector<Reference> came;
    std::map<Reference, std::string> texts;
    for (const ThereTicket& message : system_->Tickets()) {
      const std::vector<Reference> references = ReferencesIn(message.text);
      ASSERT_EQ(references.size(), 1u) << message.text;
      const auto [text, is_new] = texts.emplace(references[0], message.text);
      if (is_new) {
        came.push_back(references[0]);
      } else {
        EXPECT_TRUE(GetParam().fault.is_unknown) << "a copy";
        EXPECT_EQ(message.text, text->second) << "a copy is the same";
      }
    }
    EXPECT_EQ(came, told_);
  }

  // After all lives: the fault did happen, and was said.
  void ExpectSaid(bool happened_ever) {
    if (GetParam().fault.name == "NoFault") return;
    EXPECT_TRUE(happened_ever) << "the fault never happened";
  }
  void ExpectReason() {
    const std::string& reason = GetParam().fault.reason;
    if (!has_fired_ || reason.empty() || system_case().way != Way::kHttp) return;
    if (system_case().name == "Webhook") return;  // its reasons are those of webhook_answer.h
    EXPECT_THAT(process_.reasons(), Contains(reason));
  }

  void WholeLife();
  void LifeWithAPerson();

  clock::ManualClock clock_{store::kMorning};
  Process process_{&clock_};
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<System> system_;
  Ticket parent_;
  Ticket ticket_;
  int at_ = 0;
  bool has_fired_ = false;
  uint32_t resolved_by_ = 0;
  std::vector<Reference> told_;
};

void ConformanceTest::WholeLife() {
  const std::string& id = ticket_.ticket_id;
  Step("parent", {&parent_});
  ExpectThere(parent_, parent_.ticket_id);
  Step("open", {&ticket_});
  ExpectThere(ticket_, id);

  ticket_.event_count = ticket_.total_event_count = 60;
  Step("update", {&ticket_}, false);
  ExpectThere(ticket_, id);

  ticket_.severity = Severity::kCritical;
  Step("severity up", {&ticket_});
  ExpectThere(ticket_, id);

  ticket_.state = TicketState::kResolved;
  Step("resolve", {&ticket_});
  resolved_by_ = ticket_.revision;
  ExpectThere(ticket_, id);

  ticket_.findings.persistent = true;
  Step("update what is resolved", {&ticket_}, false);
  ExpectThere(ticket_, id);

  ticket_.state = TicketState::kOpen;
  ticket_.reopened = 1;
  Step("reopen", {&ticket_});
  ExpectThere(ticket_, id, system_case().pages ? 2 : 1);

  // Both wait at a time, and neither may be left out or come behind the other.
  Ticket resolved = ticket_;
  resolved.state = TicketState::kResolved;
  ++ticket_.revision;
  ticket_.reopened = 2;
  Step("resolve and reopen", {&resolved, &ticket_});
  size_t incidents = 1;
  if (system_case().pages) incidents = There(id).size();
  if (!is_refused()) {
    EXPECT_EQ(incidents, system_case().pages ? 3u : 1u);
  }
  ExpectThere(ticket_, id, incidents);

  ticket_.state = TicketState::kMerged;
  ticket_.merged_into = parent_.ticket_id;
  Step("merge", {&ticket_});
  resolved_by_ = ticket_.revision;
  ExpectThere(ticket_, id, incidents);

  parent_.state = TicketState::kResolved;
  Step("parent resolved", {&parent_});
  resolved_by_ = parent_.revision;
  ExpectThere(parent_, parent_.ticket_id);
  EXPECT_EQ(There(parent_.ticket_id).size() + There(id).size(),
            system_case().told == Told::kTicket ? system_->Tickets().size() : 0)
      << "there is no third";
  if (system_case().told != Told::kTicket) ExpectMessages();
  ExpectReason();
}

void ConformanceTest::LifeWithAPerson() {
  Step("open", {&ticket_});
  ASSERT_EQ(system_->Tickets().size(), 1u);
  system_->PersonCloses();
  const ThereTicket closed = system_->Tickets()[0];

  ticket_.severity = Severity::kCritical;
  Step("severity up", {&ticket_});
  EXPECT_EQ(system_->Tickets(), std::vector<ThereTicket>{closed}) << "nothing is written there";
  ticket_.state = TicketState::kResolved;
  Step("resolve", {&ticket_});
  EXPECT_EQ(system_->Tickets(), std::vector<ThereTicket>{closed});
  EXPECT_EQ(process_.Remotes(ticket_.ticket_id).back().state, store::RemoteState::kClosedByPerson);

  ticket_.state = TicketState::kOpen;
  ticket_.reopened = 1;
  Step("reopen", {&ticket_});
  const bool pages = system_case().pages;
  const std::string key = store::RemoteKey(ticket_.ticket_id, pages ? 1 : 2);
  const store::RemoteTicket former = process_.Remotes(ticket_.ticket_id).front();
  ASSERT_EQ(system_->Tickets().size(), 2u) << "a new one";
  ExpectThere(ticket_, key, pages ? 2 : 1);
  EXPECT_EQ(system_->Tickets()[0], closed);
  EXPECT_THAT(system_->Tickets()[1].text, HasSubstr(former.remote_id)) << "it names the old";

  ticket_.state = TicketState::kResolved;
  Step("resolve again", {&ticket_});
  resolved_by_ = ticket_.revision;
  ExpectThere(ticket_, key, pages ? 2 : 1);
  EXPECT_EQ(system_->Tickets()[0], closed);
}

int Every() {
  const char* const every = std::getenv("SIGNINWATCH_EVERY");
  return every == nullptr ? 1 : std::max(std::atoi(every), 1);
}

TEST_P(ConformanceTest, EndsWithOneTicketInTheRightState) {
  bool happened_ever = false;
  for (int at = 0; at < 100; at += Every()) {
    SCOPED_TRACE("request " + std::to_string(at) + " of each step");
    Begin(at);
    WholeLife();
    if (HasFailure() || !has_fired_) break;
    happened_ever = true;
  }
  ExpectSaid(happened_ever);
}
INSTANTIATE_TEST_SUITE_P(Sinks, ConformanceTest, testing::ValuesIn(Cases(false)),
                         [](const auto& each) {
                           return each.param.system.name + "_" + each.param.fault.name;
                         });

class PeopleConformanceTest : public ConformanceTest {};
TEST_P(PeopleConformanceTest, WhatAPersonClosedIsLeftAndHasASuccessor) {
  bool happened_ever = false;
  for (int at = 0; at < 100; at += Every()) {
    SCOPED_TRACE("request " + std::to_string(at) + " of each step");
    Begin(at);
    LifeWithAPerson();
    if (HasFailure() || !has_fired_) break;
    happened_ever = true;
  }
  ExpectSaid(happened_ever);
}
INSTANTIATE_TEST_SUITE_P(Sinks, PeopleConformanceTest, testing::ValuesIn(Cases(true)),
                         [](const auto& each) {
                           return each.param.system.name + "_" + each.param.fault.name;
                         });

}  // namespace conformance_test
}  // namespace signinwatch::sinks
