#include "daemon/tickets/tickets.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/open_store.h"
#include "daemon/words/ticket_json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/daemon/temporary_folder.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::tickets {
namespace tickets_test {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

store::StoreOptions StoreAt(const std::string& path) {
  store::StoreOptions options;
  options.path = path;
  return options;
}

struct Outcome {
  int code = 0;
  std::string out, err;
};

// A store with two tickets of users, one of them in two revisions, and one of a tenant.
class TicketsTest : public ::testing::Test {
 protected:
  TicketsTest() {
    config_.serve.store.path = folder_.Path("store.db");
    auto store = store::OpenStore(StoreAt(config_.serve.store.path));
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);

    Ticket opened = words::UserTicket(Cause::kPending);
    opened.revision = 1;
    Ticket explained = words::UserTicket(Cause::kPasswordChanged);
    explained.revision = 2;
    explained.reason = RevisionReason::kCauseChanged;
    explained.severity = Severity::kLow;
    Ticket later = words::UserTicket(Cause::kUnexplained);
    later.ticket_id = "later";
    later.revision = 1;
    later.user_principal_name = "bob@contoso.example";
    later.severity = Severity::kHigh;
    later.first_event_time += std::chrono::hours(1);
    later.last_event_time += std::chrono::hours(1);
    Ticket tenant = words::TenantTicket(Cause::kMixed);
    tenant.ticket_id = "tenant";
    tenant.revision = 1;
    tenant.severity = Severity::kHigh;
    for (Counted& user : tenant.users.shown) user.cause = Cause::kUnexplained;
    tenant.state = TicketState::kResolved;
    tenant.first_event_time -= std::chrono::hours(1);
    tenant.last_event_time -= std::chrono::hours(1);
    Commit({opened, later, tenant});
    Commit({explained});
  }

  void Commit(const std::vector<Ticket>& tickets) {
    store::StoreCommit commit;
    commit.moment = words::At("2026-11-24T12:00:00Z");
    for (const Ticket& ticket : tickets) {
      commit.revisions.push_back({ticket, words::TicketToJson(ticket), kBeginningOfTime, {}});
    }
    const absl::Status status = store_->Commit(*store_->Claim(0), commit);
    ASSERT_TRUE(status.ok()) << status;
  }

  [[nodiscard]] Outcome Run(const TicketsOptions& options) const {
    Outcome outcome;
    char* texts[2] = {};
    size_t sizes[2] = {};
    std::FILE* out = open_memstream(&texts[0], &sizes[0]);
    std::FILE* err = open_memstream(&texts[1], &sizes[1]);
    outcome.code = RunTickets(config_, options, out, err);
    std::fclose(out);
    std::fclose(err);
    outcome.out.assign(texts[0], sizes[0]);
    outcome.err.assign(texts[1], sizes[1]);
    std::free(texts[0]);
    std::free(texts[1]);
    return outcome;
  }

  static std::vector<std::string> IdsOf(const std::string& lines) {
    std::vector<std::string> ids;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) {
      const std::string key = "\"ticket_id\":\"";
      const size_t begin = line.find(key) + key.size();
      ids.push_back(line.substr(begin, line.find('"', begin) - begin));
    }
    return ids;
  }

  TemporaryFolder folder_;
  config::Config config_;
  std::unique_ptr<store::Store> store_;  // open, as a running daemon has it
};

TicketsOptions ListAsJson() {
  TicketsOptions options;
  options.format = TicketsOptions::Format::kJson;
  return options;
}

TEST_F(TicketsTest, ListGivesTheLastRevisionOfEachLatestFirst) {
  const Outcome outcome = Run(ListAsJson());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(IdsOf(outcome.out), ElementsAre("later", words::kSampleTicket, "tenant"));
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("password_changed"), Not(HasSubstr("\"cause\":\"pending\""))));
}

TEST_F(TicketsTest, ListAsTextIsATable) {
  const Outcome outcome = Run({});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(outcome.out, AllOf(StartsWith("WHEN (UTC)"), HasSubstr("\n2026-11-24 10:00  high"),
                                 HasSubstr("\n2026-11-24 09:00  low"), HasSubstr("34 users of"),
                                 HasSubstr(words::kSampleTicket)));
}

TEST_F(TicketsTest, ListFilters) {
  TicketsOptions options = ListAsJson();
  options.filter.severity = {"high"};
  EXPECT_THAT(IdsOf(Run(options).out), ElementsAre("later", "tenant"));
  options.filter.state = "open";
  EXPECT_THAT(IdsOf(Run(options).out), ElementsAre("later"));
  options.filter.user = "Ada@contoso.example";
  EXPECT_THAT(IdsOf(Run(options).out), IsEmpty());
}

TEST_F(TicketsTest, ShowTakesTheBeginningOfAnId) {
  TicketsOptions options;
  options.action = TicketsOptions::Action::kShow;
  options.format = TicketsOptions::Format::kJson;
  options.ticket_id = std::string(words::kSampleTicket).substr(0, 5);
  const std::string whole = Run(options).out;
  EXPECT_THAT(whole, HasSubstr(words::kSampleTicket));
  std::transform(options.ticket_id.begin(), options.ticket_id.end(), options.ticket_id.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  EXPECT_EQ(Run(options).out, whole) << "as it may be written elsewhere";
}

TEST_F(TicketsTest, AnAmbiguousBeginningNamesTheTickets) {
  TicketsOptions options;
  options.action = TicketsOptions::Action::kShow;
  options.ticket_id = "";
  const Outcome outcome = Run(options);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("is the beginning of more than one ticket's id:\n"),
                                 HasSubstr(std::string("\n  ") + words::kSampleTicket),
                                 HasSubstr("\n  tenant")));
}

TEST_F(TicketsTest, AListWithNothingInItSaysSo) {
  TicketsOptions options;
  options.filter.cause = {"sync_delay"};
  const Outcome outcome = Run(options);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_EQ(outcome.err, "signinwatch tickets: there are none\n");
}

TEST_F(TicketsTest, AListThatIsCutSaysHowManyThereAre) {
  TicketsOptions options = ListAsJson();
  options.filter.limit = 2;
  const Outcome outcome = Run(options);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(IdsOf(outcome.out), ElementsAre("later", words::kSampleTicket));
  EXPECT_EQ(outcome.err, "signinwatch tickets: 2 of 3, --limit shows more\n");
  options.filter.limit = 3;
  EXPECT_THAT(Run(options).err, IsEmpty());
}

TEST_F(TicketsTest, AListLongerThanAPageIsWhole) {
  std::vector<Ticket> tickets;
  for (int i = 0; i < 2'500; ++i) {
    Ticket ticket = words::UserTicket(Cause::kUnexplained);
    ticket.ticket_id = "many-" + std::to_string(i);
    ticket.revision = 1;
    tickets.push_back(std::move(ticket));
  }
  Commit(tickets);
  TicketsOptions options = ListAsJson();
  options.filter.limit = 10'000;
  std::vector<std::string> ids = IdsOf(Run(options).out);
  EXPECT_EQ(ids.size(), 2'503U);
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  options.filter.limit = 2'100;
  EXPECT_EQ(IdsOf(Run(options).out).size(), 2'100U);
}

TEST_F(TicketsTest, ShowTellsATicketsStory) {
  TicketsOptions options;
  options.action = TicketsOptions::Action::kShow;
  options.ticket_id = words::kSampleTicket;
  const Outcome text = Run(options);
  EXPECT_EQ(text.code, 0);
  EXPECT_THAT(text.err, IsEmpty());
  EXPECT_THAT(text.out, AllOf(HasSubstr("History\n  1   opened"), HasSubstr("2   cause changed"),
                              HasSubstr("What to do\n  1. ")));
  options.format = TicketsOptions::Format::kJson;
  const Outcome json = Run(options);
  EXPECT_THAT(IdsOf(json.out), ElementsAre(words::kSampleTicket, words::kSampleTicket));
  EXPECT_LT(json.out.find("\"revision\":1,"), json.out.find("\"revision\":2,"));
}

TEST_F(TicketsTest, ShowOfAnUnknownTicketFails) {
  TicketsOptions options;
  options.action = TicketsOptions::Action::kShow;
  options.ticket_id = "none";
  const Outcome outcome = Run(options);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, StartsWith("signinwatch tickets: "));
}

TEST_F(TicketsTest, WithoutAStoreNothingIsMade) {
  config_.serve.store.path = folder_.Path("none.db");
  const Outcome outcome = Run({});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("none.db"));
  EXPECT_FALSE(std::filesystem::exists(config_.serve.store.path));
}

TEST_F(TicketsTest, OutputThatCanNotBeWrittenIsAFailure) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  std::FILE* err = std::tmpfile();
  EXPECT_EQ(RunTickets(config_, {}, full, err), 1);
  std::fclose(full);
  std::fclose(err);
}

TEST_F(TicketsTest, WorksWhenNoDaemonRuns) {
  store_.reset();
  EXPECT_EQ(IdsOf(Run(ListAsJson()).out).size(), 3U);
}

}  // namespace tickets_test
}  // namespace signinwatch::tickets
