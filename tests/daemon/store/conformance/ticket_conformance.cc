// Tickets and their revisions, and finding them: each filter, pages, and what happens between
// pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/daemon/store/conformance/store_kinds.h"

namespace signinwatch::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class TicketConformance : public StoreConformance<Store> {
 protected:
  void CommitTickets(std::vector<TicketRevision> revisions) {
    CommitRevisions(Minute(0), std::move(revisions));
  }
  TicketPage Find(const TicketFilter& filter) {
    TicketPage page;
    const absl::Status s = store_->FindTickets(filter, &page);
    EXPECT_TRUE(s.ok()) << s;
    return page;
  }
  // All pages, one after another; `between` is called after each.
  std::vector<std::string> FindAll(
      TicketFilter filter, const std::function<void()>& between = [] {}) {
    std::vector<std::string> all;
    for (int pages = 0; pages < 100; ++pages) {
      TicketPage page = Find(filter);
      EXPECT_LE(page.tickets.size(), filter.limit);
      all.insert(all.end(), page.tickets.begin(), page.tickets.end());
      if (page.next_cursor.empty()) return all;
      filter.cursor = page.next_cursor;
      between();
    }
    ADD_FAILURE() << "pages do not end";
    return all;
  }
};

INSTANTIATE_TEST_SUITE_P(Each, TicketConformance, testing::ValuesIn(Stores()), NameOf());

// Three tickets: a user's, one of a user known by name, a tenant's.
std::vector<TicketRevision> ThreeTickets() {
  std::vector<TicketRevision> r{RevisionOf("alice", 1, {}), RevisionOf("bob", 1, {}),
                                RevisionOf("tenant", 1, {})};
  r[0].ticket.user_principal_name = "Alice@Contoso.com";
  r[0].ticket.user_id = "0a";
  r[1].ticket.tenant_id = "tenant-b";
  r[1].ticket.user_id.clear();
  r[1].ticket.user_principal_name = "Bob@Contoso.com";
  r[1].ticket.state = TicketState::kResolved;
  r[1].ticket.cause = Cause::kPasswordReset;
  r[1].ticket.severity = Severity::kLow;
  r[1].ticket.first_event_time = Minute(100);
  r[1].ticket.last_event_time = Minute(110);
  r[2].ticket.user_id.clear();
  r[2].ticket.scope = GroupBy::kTenant;
  r[2].ticket.detector = "tenant-session-invalid";
  r[2].ticket.cause = Cause::kMixed;
  r[2].ticket.first_event_time = Minute(50);
  r[2].ticket.last_event_time = Minute(200);
  return r;
}

TEST_P(TicketConformance, ATicketIsShownAsItsLastRevisionAndKeepsAll) {
  TicketRevision merged = RevisionOf("t1", 3, {});
  merged.ticket.state = TicketState::kMerged;
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {}), RevisionOf("t2", 1, {})});
  CommitRevisions(Minute(21), {RevisionOf("t1", 2, {}), merged});
  EXPECT_THAT(TicketsOf(*store_), UnorderedElementsAre("t1#3", "t2#1"));
  EXPECT_THAT(TicketsOf(*store_, {.state = "merged"}), ElementsAre("t1#3"));
  std::vector<std::string> revisions;
  ASSERT_TRUE(store_->TicketRevisions("t1", &revisions).ok());
  EXPECT_THAT(revisions, ElementsAre("t1#1", "t1#2", "t1#3"));
  EXPECT_EQ(store_->TicketRevisions("t9", &revisions).code(), absl::StatusCode::kNotFound);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(SizeOf(*store_).tickets, 2u);
    EXPECT_EQ(SizeOf(*store_).revisions, 4u);
    Reopen();
  }
}

// A sequence is a sink's place in the outbox: what comes later is always greater.
TEST_P(TicketConformance, SequencesAreNotUsedAgain) {
  CommitRevisions(Minute(0), {RevisionOf("t1", 1, {"soc"})});
  const int64_t first = Deliveries("soc").front().sequence;
  const DeliveryOutcome outcome{first};
  ASSERT_TRUE(store_->Acknowledge("soc", {&outcome, 1}, Minute(60)).ok());
  MaintainAll(*store_, Minute(0) + 400 * kDay);
  ASSERT_EQ(SizeOf(*store_).revisions, 0u);
  Reopen();
  CommitRevisions(Minute(1), {RevisionOf("t2", 1, {"soc"})});
  EXPECT_GT(Deliveries("soc").front().sequence, first);
}

TEST_P(TicketConformance, FiltersByEachField) {
  CommitTickets(ThreeTickets());
  using Names = std::vector<std::string>;
  const struct {
    const char* what;
    TicketFilter filter;
    Names expected;  // latest first
  } cases[] = {
      {"none", {}, {"bob", "tenant", "alice"}},
      {"tenant", {.tenant_id = "tenant-a"}, {"tenant", "alice"}},
      {"tenant, without case", {.tenant_id = "TENANT-B"}, {"bob"}},
      {"user id", {.user = "0A"}, {"alice"}},
      {"user name", {.user = "alice@contoso.COM"}, {"alice"}},
      {"a user without id", {.user = "bob@contoso.com"}, {"bob"}},
      {"nobody", {.user = "carol"}, {}},
      {"state", {.state = "resolved"}, {"bob"}},
      {"cause", {.cause = {"mixed"}}, {"tenant"}},
      {"severity", {.severity = {"high"}}, {"tenant", "alice"}},
      {"severity that is none", {.severity = {"huge"}}, {}},
      {"scope", {.scope = "tenant"}, {"tenant"}},
      {"detector", {.detector = "user-session-invalid"}, {"bob", "alice"}},
      {"two", {.tenant_id = "tenant-a", .scope = "user"}, {"alice"}},
      {"two that nothing meets", {.tenant_id = "tenant-b", .scope = "tenant"}, {}},
      {"from: touches", {.from = Minute(110)}, {"bob", "tenant"}},
      {"from: just past", {.from = Minute(111)}, {"tenant"}},
      {"to: touches", {.to = Minute(50)}, {"tenant", "alice"}},
      {"to: just before", {.to = Minute(49)}, {"alice"}},
      {"within", {.from = Minute(60), .to = Minute(70)}, {"tenant"}},
  };
  for (const auto& c : cases) {
    const TicketPage page = Find(c.filter);
    Names found;
    for (const std::string& json : page.tickets) found.push_back(json.substr(0, json.find('#')));
    EXPECT_EQ(found, c.expected) << c.what;
    EXPECT_EQ(page.total, c.expected.size()) << c.what;
    EXPECT_THAT(page.next_cursor, IsEmpty()) << c.what;
  }
}

TEST_P(TicketConformance, SeveralSeveritiesAndCauses) {
  CommitTickets(ThreeTickets());
  EXPECT_EQ(Find({.severity = {"high", "LOW"}}).total, 3u);
  EXPECT_EQ(Find({.cause = {"mixed", "password_reset"}}).total, 2u);
  EXPECT_EQ(Find({.cause = {"mixed"}, .severity = {"low"}}).total, 0u);
}

// Part of whatever a ticket names, without case; all words have to be found.
TEST_P(TicketConformance, SearchesInAllNames) {
  std::vector<TicketRevision> r = ThreeTickets();
  r[0].ticket.apps = {{{"app-1", "Outlook Mobile", 3}}, 1};
  r[0].ticket.ip_addresses = {{{"203.0.113.7", "", 3}}, 1};
  r[0].ticket.devices = {{{"DEVICE-9", "", 3}}, 1};
  r[1].ticket.changes = {
      {Minute(0), ChangeKind::kAdminReset, 0, false, {"Reset"}, "Admin@Contoso.com", {}}};
  r[2].ticket.users = {{{"id-1", "Carol@Contoso.com", 9}}, 1};
  r[2].ticket.changes_by_actor = {{"helpdesk@contoso.com", "", 4}};
  CommitTickets(r);
  const auto found = [this](std::vector<SearchWord> words) {
    std::string ids;
    for (const std::string& json : Find({.words = std::move(words)}).tickets) {
      ids += (ids.empty() ? "" : " ") + json.substr(0, json.find('#'));
    }
    return ids;
  };
  EXPECT_EQ(found({{"alic"}}), "alice") << "the ticket's id and the user's name";
  EXPECT_EQ(found({{"ALICE@"}}), "alice");
  EXPECT_EQ(found({{"outlook m"}}), "alice");
  EXPECT_EQ(found({{"app-1"}}), "alice");
  EXPECT_EQ(found({{"113.7"}}), "alice");
  EXPECT_EQ(found({{"device-9"}}), "alice");
  EXPECT_EQ(found({{"admin@"}}), "bob");
  EXPECT_EQ(found({{"carol"}}), "tenant");
  EXPECT_EQ(found({{"helpdesk"}}), "tenant");
  EXPECT_EQ(found({{"contoso"}}), "bob tenant alice");
  EXPECT_EQ(found({{"contoso"}, {"outlook"}}), "alice");
  EXPECT_EQ(found({{"carol"}, {"outlook"}}), "");
  EXPECT_EQ(found({{"Wood Grove Bank", {"TENANT-B"}}}), "bob") << "a tenant by its name";
  EXPECT_EQ(found({{"%"}}), "") << "no pattern";
  EXPECT_EQ(found({{"' OR 1=1 --"}}), "");
  TicketRevision later = RevisionOf("alice", 2, {});
  CommitTickets({later});
  EXPECT_EQ(found({{"outlook"}}), "") << "what the last revision names counts";
}

TEST_P(TicketConformance, EachOrderHasWholePages) {
  std::vector<TicketRevision> revisions;
  for (int i = 0; i < 60; ++i) {
    TicketRevision r = RevisionOf("t" + std::to_string(100 + i), 1, {});
    r.ticket.first_event_time = Minute(i);
    r.ticket.last_event_time = Minute(1'000 - i);
    r.ticket.severity = static_cast<Severity>(i % 5);
    r.ticket.event_count = static_cast<uint64_t>(i % 7);
    revisions.push_back(r);
  }
  CommitTickets(revisions);
  const auto ids = [this](TicketOrder order, size_t limit) {
    std::vector<int> numbers;
    for (const std::string& json : FindAll({.order = order, .limit = limit})) {
      numbers.push_back(std::stoi(json.substr(1)) - 100);
    }
    return numbers;
  };
  const struct {
    TicketOrder order;
    int (*key)(int);
  } cases[] = {{TicketOrder::kFirstFailure, [](int i) { return i; }},
               {TicketOrder::kLastFailure, [](int i) { return -i; }},
               {TicketOrder::kSeverity, [](int i) { return i % 5 * 1'000 + i; }},
               {TicketOrder::kFailures, [](int i) { return i % 7 * 1'000 + i; }}};
  for (const auto& c : cases) {
    for (const size_t limit : {1, 7, 100}) {
      const std::vector<int> found = ids(c.order, limit);
      ASSERT_THAT(found, SizeIs(60));
      EXPECT_TRUE(std::is_sorted(found.begin(), found.end(),
                                 [&](int a, int b) { return c.key(a) > c.key(b); }));
    }
  }
  // A cursor is of its order.
  const std::string cursor = Find({.order = TicketOrder::kSeverity, .limit = 1}).next_cursor;
  for (const TicketOrder order : {TicketOrder::kFirstFailure, TicketOrder::kFailures}) {
    TicketPage page;
    EXPECT_EQ(store_->FindTickets({.order = order, .cursor = cursor}, &page).code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST_P(TicketConformance, IdsByTheirBeginning) {
  CommitTickets({RevisionOf("4f1c1ff8-52b6", 1, {}), RevisionOf("4f1c2222-52b6", 1, {}),
                 RevisionOf("50000000-0000", 1, {})});
  const auto ids = [this](const std::string& beginning, size_t limit = 10) {
    std::vector<std::string> found;
    EXPECT_TRUE(store_->FindTicketIds(beginning, limit, &found).ok());
    return found;
  };
  EXPECT_THAT(ids("4f1c"), ElementsAre("4f1c1ff8-52b6", "4f1c2222-52b6"));
  EXPECT_THAT(ids("4f1c1ff8-52b6"), ElementsAre("4f1c1ff8-52b6"));
  EXPECT_THAT(ids("5"), ElementsAre("50000000-0000"));
  EXPECT_THAT(ids("4f1c", 1), SizeIs(1));
  EXPECT_THAT(ids("6"), IsEmpty());
  EXPECT_THAT(ids("%"), IsEmpty());
}

TEST_P(TicketConformance, PagesAreWholeAndEachTicketIsShownOnce) {
  std::vector<TicketRevision> revisions;
  std::vector<std::string> expected;
  for (int i = 99; i >= 0; --i) {
    const std::string id = "t" + std::to_string(100 + i);
    revisions.push_back(RevisionOf(id, 1, {}));
    revisions.back().ticket.first_event_time = Minute(i / 10);  // ten each begin at one time
    expected.push_back(id + "#1");
  }
  CommitTickets(revisions);
  for (const size_t limit : {1, 7, 10, 99, 100, 101}) {
    EXPECT_EQ(FindAll({.limit = limit}), expected) << limit;
  }
  const TicketPage page = Find({.limit = 7});
  EXPECT_EQ(page.total, 100u);
  EXPECT_EQ(Find({.limit = 7, .cursor = page.next_cursor}).total, 100u);
  EXPECT_THAT(Find({.limit = 0}).tickets, SizeIs(1));
}

TEST_P(TicketConformance, PagesAreStableWhileTicketsArrive) {
  std::vector<TicketRevision> revisions;
  for (int i = 0; i < 20; ++i) {
    revisions.push_back(RevisionOf("t" + std::to_string(100 + i), 1, {}));
    revisions.back().ticket.first_event_time = Minute(i);
  }
  CommitTickets(revisions);
  int arrived = 0;
  const std::vector<std::string> all = FindAll({.limit = 3}, [&] {
    TicketRevision later = RevisionOf("later" + std::to_string(++arrived), 1, {});
    later.ticket.first_event_time = Minute(1'000 + arrived);
    TicketRevision again = RevisionOf("t119", 1 + arrived, {});
    again.ticket.first_event_time = Minute(19);
    CommitTickets({later, again});
  });
  ASSERT_THAT(all, SizeIs(20));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(all[i], "t" + std::to_string(119 - i) + "#1");
}

TEST_P(TicketConformance, APageIsBounded) {
  std::vector<TicketRevision> revisions;
  for (size_t i = 0; i < kTicketPageMax + 5; ++i) {
    revisions.push_back(RevisionOf("t" + std::to_string(i), 1, {}));
  }
  CommitTickets(revisions);
  const TicketPage page = Find({.limit = 1'000'000});
  EXPECT_THAT(page.tickets, SizeIs(kTicketPageMax));
  EXPECT_THAT(Find({.limit = 1'000'000, .cursor = page.next_cursor}).tickets, SizeIs(5));
}

TEST_P(TicketConformance, AStrangeCursorIsRefused) {
  CommitTickets({RevisionOf("t", 1, {})});
  for (const char* cursor : {"x", "12", ".t", "12x.t", "99999999999999999999.t", " 1.t"}) {
    TicketPage page;
    EXPECT_EQ(store_->FindTickets({.cursor = cursor}, &page).code(),
              absl::StatusCode::kInvalidArgument)
        << cursor;
  }
  // A name in a filter or cursor is a value and no SQL.
  EXPECT_THAT(Find({.user = "' OR 1=1 --"}).tickets, IsEmpty());
  EXPECT_THAT(Find({.cursor = "1.' OR 1=1 --"}).tickets, IsEmpty());
}

TEST_P(TicketConformance, TenantsByDay) {
  const auto revision = [](const std::string& id, const std::string& tenant, Duration at,
                           TicketState state, Severity severity) {
    TicketRevision r = RevisionOf(id, 1, {});
    r.ticket.tenant_id = tenant;
    r.ticket.first_event_time += at;
    r.ticket.last_event_time += at;
    r.ticket.state = state;
    r.ticket.severity = severity;
    return r;
  };
  CommitTickets({revision("a", "T1", {}, TicketState::kOpen, Severity::kHigh),
                 revision("b", "t1", std::chrono::minutes(5), TicketState::kOpen, Severity::kHigh),
                 revision("c", "t1", -kDay, TicketState::kResolved, Severity::kLow),
                 revision("d", "t1", -kDay, TicketState::kMerged, Severity::kLow),
                 revision("e", "t2", -9 * kDay, TicketState::kResolved, Severity::kLow),
                 revision("f", "t2", -9 * kDay, TicketState::kOpen, Severity::kCritical)});
  std::vector<TenantDay> days;
  const EventTime today = std::chrono::floor<std::chrono::days>(kMorning);
  ASSERT_TRUE(store_->TenantDays(today - 2 * kDay, &days).ok());
  std::vector<std::string> found;
  for (const TenantDay& day : days) {
    found.push_back(day.tenant_id + " " + std::to_string((today - day.day) / kDay) + " " +
                    day.severity + (day.open ? " open " : " ") + std::to_string(day.tickets) + " " +
                    FormatEventTime(day.last_event_time).substr(11, 5));
  }
  EXPECT_THAT(found, testing::UnorderedElementsAre("t1 0 high open 2 09:15", "t1 1 low 1 09:10",
                                                   "t2 9 critical open 1 09:10"));
}

TEST_P(TicketConformance, HowBadATicketEverWas) {
  const auto revision = [](const std::string& id, uint32_t number, TicketState state,
                           Severity severity, Cause cause) {
    TicketRevision r = RevisionOf(id, number, {});
    r.ticket.tenant_id = "T1";
    r.ticket.state = state;
    r.ticket.severity = severity;
    r.ticket.cause = cause;
    return r;
  };
  const auto commit = [this](EventTime moment, std::vector<TicketRevision> revisions) {
    StoreCommit work;
    work.moment = moment;
    work.revisions = std::move(revisions);
    ASSERT_TRUE(CommitTo(*store_, work).ok());
  };
  using enum TicketState;
  commit(Minute(0), {revision("old", 1, kResolved, Severity::kCritical, Cause::kUnexplained),
                     revision("open", 1, kOpen, Severity::kLow, Cause::kPasswordChanged)});
  commit(Minute(1), {revision("new", 1, kOpen, Severity::kInfo, Cause::kPending)});
  commit(Minute(2), {revision("new", 2, kOpen, Severity::kHigh, Cause::kUnexplained)});
  commit(Minute(3), {revision("new", 3, kOpen, Severity::kHigh, Cause::kUnexplained)});
  commit(Minute(4), {revision("new", 4, kResolved, Severity::kLow, Cause::kPasswordReset)});
  TicketRevision quiet = revision("quiet", 1, kOpen, Severity::kHigh, Cause::kUnexplained);
  quiet.ticket.exception = "backup";  // told to nobody, and so none that alerts follow
  commit(Minute(4), {quiet});
  std::vector<TicketPeak> peaks;
  ASSERT_TRUE(store_->LoadTicketPeaks(Minute(4), &peaks).ok());
  std::vector<std::string> found;
  for (const TicketPeak& peak : peaks) {
    found.push_back(peak.ticket_id + " " + peak.tenant_id + " " + peak.cause + " " +
                    SeverityName(peak.severity) + (peak.open ? " open " : " ") +
                    FormatEventTime(peak.committed_at).substr(11, 5) + ", " +
                    SeverityName(peak.peak) + " " + FormatEventTime(peak.peaked_at).substr(11, 5));
  }
  EXPECT_THAT(found,
              testing::UnorderedElementsAre("open t1 password_changed low open 09:00, low 09:00",
                                            "new t1 password_reset low 09:04, high 09:02"));
}

}  // namespace
}  // namespace signinwatch::store
