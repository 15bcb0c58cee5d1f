#include "daemon/tickets/ticket_text.h"

#include <algorithm>
#include <deque>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/replay/terminal.h"
#include "daemon/words/ticket_json.h"
#include "detectors/ticket.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "parser/harmful_characters.h"
#include "tests/daemon/words/sample_context.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::tickets {
namespace ticket_text_test {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

size_t CodePoints(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(FirstCodePoint(text).bytes);
  return count;
}

std::string RowOf(const Ticket& ticket, size_t columns = 100, bool colour = false) {
  const json::JsonDocument document(words::TicketToJson(ticket));
  return TicketList(columns, colour).Row(document.root());
}

std::string StoryOf(const std::vector<Ticket>& revisions, size_t columns = 100,
                    bool colour = false) {
  std::deque<json::JsonDocument> documents;
  std::vector<json::JsonValue> values;
  for (const Ticket& ticket : revisions) {
    documents.emplace_back(words::TicketToJson(ticket));
    values.push_back(documents.back().root());
  }
  return TicketStory(values, columns, colour);
}

TEST(TicketListTest, ARowSaysWhenHowBadWhoAndWhyAndItsId) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.severity = Severity::kCritical;
  ticket.findings.unfamiliar_source = true;
  const auto lines = LinesOf(RowOf(ticket));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], AllOf(StartsWith("2026-11-24 09:00  critical  open      ada@contoso.exam"),
                              HasSubstr("      37  unexplained, unfamil")));
  EXPECT_THAT(lines[1], AllOf(HasSubstr(std::string(18, ' ') + words::kSampleTicket + "  "),
                              HasSubstr("revoke all sessions")));
}

TEST(TicketListTest, ColumnsStandBelowTheirHeader) {
  const std::string header = TicketList(120, false).Header();
  const std::string row = RowOf(words::UserTicket(Cause::kPasswordChanged), 120);
  EXPECT_EQ(header.find("SEVERITY"), row.find("info"));
  EXPECT_EQ(header.find("STATE"), row.find("open"));
  EXPECT_EQ(header.find("WHO"), row.find("ada@"));
  EXPECT_EQ(header.find("FAILURES") + 6, row.find("37"));
  EXPECT_EQ(header.find("WHY"), row.find("password changed"));
}

TEST(TicketListTest, ATenantIsShownByItsUsers) {
  EXPECT_THAT(RowOf(words::TenantTicket(Cause::kMixed), 160),
              AllOf(HasSubstr(std::string("34 users of tenant ") + words::kSampleTenant),
                    HasSubstr("  mixed")));
}

TEST(TicketListTest, AUserWithoutANameIsShownById) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.user_principal_name.clear();
  EXPECT_THAT(RowOf(ticket, 140), HasSubstr(words::kSampleUser));
}

TEST(TicketListTest, SeverityIsColouredOnlyWhenAsked) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.severity = Severity::kHigh;
  EXPECT_THAT(RowOf(ticket, 100, true), HasSubstr("\x1b[31mhigh    \x1b[0m"));
  EXPECT_THAT(RowOf(ticket), Not(HasSubstr("\x1b")));
}

// What is piped is whole, and still stands below its header where it is short.
TEST(TicketListTest, NothingIsCutWhereThereIsNoTerminal) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.user_principal_name = std::string(80, 'x') + "@contoso.example\x1b[2J";
  ticket.findings.unfamiliar_source = ticket.findings.persistent = true;
  const json::JsonDocument document(words::TicketToJson(ticket));
  const std::string row = TicketList(80, false, /*cut=*/false).Row(document.root());
  EXPECT_THAT(row, AllOf(HasSubstr(std::string(80, 'x') + "@contoso.example"),
                         HasSubstr("unexplained, unfamiliar source, persistent"),
                         HasSubstr("revoke all sessions"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(RowOf(ticket, 80), Not(HasSubstr("@contoso.example")));
  ticket = words::UserTicket(Cause::kPasswordChanged);
  const json::JsonDocument shorter(words::TicketToJson(ticket));
  EXPECT_EQ(TicketList(120, false, false).Row(shorter.root()), RowOf(ticket, 120));
}

TEST(TicketStoryTest, TellsWhatHappenedWhenWhyAndWhatToDo) {
  Ticket opened = words::UserTicket(Cause::kPending);
  opened.revision = 1;
  opened.event_count = 10;
  opened.last_event_time = words::At("2026-11-24T09:05:00Z");
  opened.changes.clear();
  Ticket resolved = words::UserTicket(Cause::kPasswordResetByAdmin);
  resolved.revision = 2;
  resolved.reason = RevisionReason::kResolved;
  resolved.state = TicketState::kResolved;
  resolved.resolution = Resolution::kReauthenticated;
  resolved.severity = Severity::kLow;
  resolved.opened_at = words::At("2026-11-24T09:06:00Z");
  resolved.resolved_at = words::At("2026-11-24T09:40:00Z");
  resolved.reauthenticated_at = words::At("2026-11-24T09:20:00Z");
  resolved.total_event_count = 50;
  resolved.parent_ticket_id = "the-parent";
  const std::string story = StoryOf({opened, resolved});
  EXPECT_THAT(LinesOf(story)[0], HasSubstr("ada@contoso.example"));
  for (const std::string& part :
       {std::string("low, resolved (reauthenticated), password reset by admin\n"),
        std::string("  ticket      ") + words::kSampleTicket + ", revision 2\n",
        std::string("  user id     ") + words::kSampleUser,
        std::string("  burst       2026-11-24 09:00:00 to 2026-11-24 09:18:05 UTC"),
        std::string("  resolved    2026-11-24 09:40:00\n"),
        std::string("  back at     2026-11-24 09:20:00\n"),
        std::string("37 of 50 since the ticket was first opened, by code 50132 (30), 50173 (7)"),
        std::string("  apps        Outlook Mobile (20), Teams (17)\n"),
        std::string("  evidence    record-1, record-2\n"),
        std::string("  part of     the-parent\n"),
        std::string("2026-11-24 08:46:00  admin reset by admin@contoso.example, 14 min before the"),
        std::string("  1   opened            info      up to 2026-11-24 09:05  10 failures"),
        std::string("  2   resolved          low       up to 2026-11-24 09:18  37 failures"),
        std::string("\nWhat to do\n  1. "), std::string("\n  2. ")}) {
    EXPECT_THAT(story, HasSubstr(part));
  }
  EXPECT_THAT(story, Not(HasSubstr("continues")));  // no line for what there is not
}

TEST(TicketStoryTest, ShowsWhereItsPageIs) {
  const json::JsonDocument document(
      words::TicketToJson(words::UserTicket(Cause::kUnexplained), "https://soc.contoso.example"));
  EXPECT_THAT(TicketStory({document.root()}, 100, false),
              HasSubstr(std::string("  page        https://soc.contoso.example/tickets/") +
                        words::kSampleTicket + "\n"));
}

// What alarms is marked; a ticket of a former version has no such section.
TEST(TicketStoryTest, SaysWhatTheRecordsAnswer) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  EXPECT_THAT(StoryOf({ticket}), Not(HasSubstr("What the records answer")));
  ticket.context = words::FullUserContext();
  ticket.findings.session_elsewhere = true;
  EXPECT_THAT(StoryOf({ticket}, 300),
              AllOf(HasSubstr("\nWhat the records answer\n"),
                    HasSubstr("\n  MFA: passed by Mobile app notification on 23 November"),
                    HasSubstr("\n  ! Sessions: one was used from two places, 203.0.113.0/24"),
                    HasSubstr("unexplained, session in two places")));
}

TEST(TicketStoryTest, OfATenantShowsItsUsersAndChanges) {
  const std::string story = StoryOf({words::TenantTicket(Cause::kMixed)}, 120);
  EXPECT_THAT(story,
              AllOf(HasSubstr("  users       ada@contoso.example (9), id-2 (8), and 32 more"),
                    HasSubstr("mixed (20)"), HasSubstr("unexplained (14)"),
                    HasSubstr("admin reset (40)"), HasSubstr("admin@contoso.example (38)")));
}

TEST(TicketStoryTest, LinesAreAsLongAsTheTerminalIsWide) {
  for (const size_t columns : {80U, 100U, 160U}) {
    size_t longest = 0;
    for (const words::TicketCase& c : words::AllTicketCases()) {
      Ticket ticket = words::MakeTicket(c.scope, c.cause);
      ticket.context =
          c.scope == GroupBy::kUser ? words::FullUserContext() : words::FullTenantContext();
      for (const std::string& line : LinesOf(StoryOf({ticket}, columns))) {
        // What can't be broken, such as a link, may be longer.
        const bool broken = line.find(' ', line.find_first_not_of(' ')) != std::string::npos;
        if (broken) longest = std::max(longest, CodePoints(line));
      }
    }
    EXPECT_LE(longest, columns);
    EXPECT_GT(longest, columns - 5);
  }
}

TEST(TicketStoryTest, TextFromRecordsCanNotControlTheTerminal) {
  Ticket ticket = words::UserTicket(Cause::kPasswordChanged);
  ticket.user_principal_name = "\x1b]0;pwned\x07@evil.example";
  ticket.apps.shown[0].name = "app\nWhat to do\n\x1b[2J";
  ticket.changes[0].actor = "act\x1b[31mor";
  ticket.evidence = {"re\rcord"};
  ticket.context = words::FullUserContext();
  ticket.context.mfa.shown[0].value = "m\x1b[31m\nWhat to do\n";
  for (const std::string& text : {StoryOf({ticket}), RowOf(ticket)}) {
    EXPECT_THAT(text, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\x07")), Not(HasSubstr("\r"))));
  }
  const std::vector<std::string> lines = LinesOf(StoryOf({ticket}));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "What to do"), 1);
}

}  // namespace ticket_text_test
}  // namespace signinwatch::tickets
