#include "daemon/sinks/syslog/syslog_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <string>

#include "daemon/words/ticket_json.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::sinks {
namespace syslog_line_test {

using testing::HasSubstr;
using testing::Not;
using Fields = std::map<std::string, std::string>;

constexpr const char* kReference = "6f6f4c5e-0000-5000-8000-000000000001/1";

store::Delivery DeliveryOf(Ticket ticket, const std::string& state = "open") {
  ticket.revision = 1;
  store::Delivery delivery;
  delivery.ticket_id = ticket.ticket_id;
  delivery.revision = ticket.revision;
  delivery.severity = SeverityName(ticket.severity);
  delivery.state = state;
  delivery.json = words::TicketToJson(ticket, "https://signinwatch.contoso.example");
  delivery.committed_at = words::At("2026-11-24T09:20:00.123456Z");
  delivery.reason = "opened";
  return delivery;
}

std::string Line(const store::Delivery& delivery, SyslogFormat format,
                 const std::string& title = "", const std::string& body = "") {
  const Telling telling{.delivery = delivery,
                        .key = delivery.ticket_id,
                        .reference = delivery.ticket_id + "/" + std::to_string(delivery.revision),
                        .parent = {.ticket_id = delivery.parent_ticket_id},
                        .continues = {.ticket_id = delivery.continues},
                        .merged_into = {.ticket_id = delivery.merged_into}};
  return SyslogLine(telling, MessageWording(title, body), {.format = format, .host = "watch 1"});
}

struct Parsed {
  int priority = 0;
  std::string host, message_id, message;
  std::string time;
  Fields data;
};

// By RFC 5424; what is none fails the test.
Parsed Parse(const std::string& line) {
  Parsed parsed;
  EXPECT_LT(line.size(), 8'186u);
  EXPECT_TRUE(std::none_of(line.begin(), line.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
  }));
  const std::regex head(
      R"(<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) (\S{1,255}) signinwatch - (\S{1,32}) \[signinwatch@32473)");
  std::smatch match;
  if (!std::regex_search(line, match, head, std::regex_constants::match_continuous)) {
    ADD_FAILURE() << line;
    return parsed;
  }
  parsed.priority = std::stoi(match[1]);
  parsed.time = match[2];
  parsed.host = match[3];
  parsed.message_id = match[4];
  size_t at = static_cast<size_t>(match.length());
  while (line[at] == ' ') {
    const size_t equals = line.find("=\"", at);
    const std::string name = line.substr(at + 1, equals - at - 1);
    std::string value;
    for (at = equals + 2; line[at] != '"'; ++at) {
      if (line[at] == '\\') ++at;
      EXPECT_TRUE(line[at] != ']' || line[at - 1] == '\\') << line;
      value += line[at];
    }
    ++at;
    EXPECT_TRUE(parsed.data.emplace(name, value).second) << name;
  }
  EXPECT_EQ(line.substr(at, 2), "] ");
  parsed.message = line.substr(at + 2);
  return parsed;
}

// "CEF:0|a|b|c|d|e|f|extension": its seven fields, and the extension's pairs.
Fields ParseCef(const std::string& message, std::vector<std::string>* header) {
  header->assign(1, "");
  size_t at = 0;
  for (; at < message.size() && header->size() < 8; ++at) {
    if (message[at] == '|') {
      header->emplace_back();
    } else {
      if (message[at] == '\\') ++at;
      header->back() += message[at];
    }
  }
  const std::string extension = message.substr(at);
  const std::regex pair(R"((?:^| )([A-Za-z0-9]+)=((?:\\[\\=n]|[^\\=])*?)(?= [A-Za-z0-9]+=|$))");
  Fields fields;
  size_t taken = 0;
  for (std::sregex_iterator each(extension.begin(), extension.end(), pair), end; each != end;
       ++each) {
    EXPECT_TRUE(fields.emplace((*each)[1], (*each)[2]).second) << (*each)[1];
    taken += static_cast<size_t>(each->length());
  }
  EXPECT_EQ(taken, extension.size()) << extension;
  return fields;
}

Fields ParseLeef(const std::string& message) {
  constexpr std::string_view kHead = "LEEF:2.0|signinwatch|signinwatch|";
  EXPECT_TRUE(message.starts_with(kHead)) << message;
  size_t at = message.find("|^|") + 3;
  Fields fields;
  while (at < message.size()) {
    const size_t end = std::min(message.find('^', at), message.size());
    const std::string pair = message.substr(at, end - at);
    const size_t equals = pair.find('=');
    EXPECT_NE(equals, std::string::npos) << pair;
    EXPECT_TRUE(fields.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second) << pair;
    at = end + 1;
  }
  return fields;
}

TEST(SyslogLine, IsAMessageOfRfc5424) {
  const Ticket ticket = words::UserTicket(Cause::kUnexplained);
  const Parsed parsed = Parse(Line(DeliveryOf(ticket), SyslogFormat::kRfc5424));
  EXPECT_EQ(parsed.time, "2026-11-24T09:20:00.123456Z");
  EXPECT_EQ(parsed.host, "watch1");
  EXPECT_EQ(parsed.message_id, "opened");
  EXPECT_EQ(parsed.data.at("ticket_id"), words::kSampleTicket);
  EXPECT_EQ(parsed.data.at("revision"), "1");
  EXPECT_EQ(parsed.data.at("state"), "open");
  EXPECT_EQ(parsed.data.at("severity"), SeverityName(ticket.severity));
  EXPECT_EQ(parsed.data.at("cause"), "unexplained");
  EXPECT_EQ(parsed.data.at("event_count"), "37");
  EXPECT_EQ(parsed.data.at("url"),
            std::string("https://signinwatch.contoso.example/tickets/") + words::kSampleTicket);
  EXPECT_TRUE(parsed.message.starts_with("\xEF\xBB\xBF"));
  EXPECT_THAT(parsed.message, HasSubstr(" | Severity: "));
  EXPECT_THAT(parsed.message, HasSubstr(" | What to do: | 1. "));
  EXPECT_TRUE(parsed.message.ends_with(std::string(" | Reference: ") + kReference));
}

TEST(SyslogLine, SaysSeverityInEachWay) {
  const struct {
    Severity severity;
    int syslog;
    std::string siem;
  } cases[] = {{Severity::kCritical, 2, "10"},
               {Severity::kHigh, 3, "8"},
               {Severity::kMedium, 4, "5"},
               {Severity::kLow, 5, "3"},
               {Severity::kInfo, 6, "1"}};
  for (const auto& each : cases) {
    Ticket ticket = words::UserTicket(Cause::kUnexplained);
    ticket.severity = each.severity;
    const store::Delivery delivery = DeliveryOf(ticket);
    EXPECT_EQ(Parse(Line(delivery, SyslogFormat::kRfc5424)).priority, 13 * 8 + each.syslog);
    std::vector<std::string> header;
    ParseCef(Parse(Line(delivery, SyslogFormat::kCef)).message, &header);
    EXPECT_EQ(header[6], each.siem);
    EXPECT_EQ(ParseLeef(Parse(Line(delivery, SyslogFormat::kLeef)).message).at("sev"), each.siem);
  }
}

TEST(SyslogLine, CefHasItsFields) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.user_principal_name = "a|n=n\\a@contoso.example";
  const Parsed parsed = Parse(Line(DeliveryOf(ticket), SyslogFormat::kCef, "a|b\\c=d"));
  std::vector<std::string> header;
  const Fields fields = ParseCef(parsed.message, &header);
  ASSERT_EQ(header.size(), 8u);
  EXPECT_EQ(header[0], "CEF:0");
  EXPECT_EQ(header[1], "signinwatch");
  EXPECT_EQ(header[5], "a|b\\c=d");
  EXPECT_EQ(fields.at("externalId"), words::kSampleTicket);
  EXPECT_EQ(fields.at("cn1"), "1");
  EXPECT_EQ(fields.at("cn1Label"), "revision");
  EXPECT_EQ(fields.at("cs1"), "open");
  EXPECT_EQ(fields.at("cs1Label"), "state");
  EXPECT_EQ(fields.at("suser"), "a|n\\=n\\\\a@contoso.example");
  EXPECT_EQ(fields.at("cnt"), "37");
  EXPECT_TRUE(fields.at("msg").ends_with(std::string("\\nReference: ") + kReference));
  EXPECT_THAT(fields.at("cs5"), testing::StartsWith("1. "));
  EXPECT_EQ(parsed.data.at("ticket_id"), words::kSampleTicket);
}

TEST(SyslogLine, LeefHasItsAttributes) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.user_principal_name = "a^sev=1\n@contoso.example";
  const Fields fields = ParseLeef(Parse(Line(DeliveryOf(ticket), SyslogFormat::kLeef)).message);
  EXPECT_EQ(fields.at("ticketId"), words::kSampleTicket);
  EXPECT_EQ(fields.at("revision"), "1");
  EXPECT_EQ(fields.at("state"), "open");
  EXPECT_EQ(fields.at("usrName"), "a_sev=1 @contoso.example");
  EXPECT_EQ(fields.at("devTime"), "1795512000123");
  EXPECT_TRUE(fields.at("msg").ends_with(std::string(" | Reference: ") + kReference));
}

TEST(SyslogLine, NamesOtherTicketsInEachFormat) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  store::Delivery delivery = DeliveryOf(ticket, "merged");
  delivery.parent_ticket_id = "the-parent";
  delivery.merged_into = "the-other";
  for (const SyslogFormat format :
       {SyslogFormat::kRfc5424, SyslogFormat::kCef, SyslogFormat::kLeef}) {
    for (const char* const body : {"", "short"}) {
      const std::string message = Parse(Line(delivery, format, "", body)).message;
      EXPECT_THAT(message, HasSubstr("Part of: the-parent"));
      EXPECT_THAT(message, HasSubstr("Merged into: the-other"));
    }
  }
}

TEST(SyslogLine, ASitesOwnTextsStandForOurs) {
  const Ticket ticket = words::UserTicket(Cause::kUnexplained);
  const std::string message = Parse(Line(DeliveryOf(ticket), SyslogFormat::kRfc5424,
                                         "{{severity}} of {{tenant_id}}", "Look\nat {{url}}"))
                                  .message;
  EXPECT_EQ(message, std::string("\xEF\xBB\xBF") + SeverityName(ticket.severity) + " of " +
                         words::kSampleTenant +
                         " | Look | at https://signinwatch.contoso.example/tickets/" +
                         words::kSampleTicket + " | Reference: " + kReference);
}

TEST(SyslogLine, TextOfARecordIsNeverMoreThanText) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.user_principal_name = "x\"] <1>1\r\nCEF:0|^state=resolved\\";
  for (const SyslogFormat format :
       {SyslogFormat::kRfc5424, SyslogFormat::kCef, SyslogFormat::kLeef}) {
    const Parsed parsed = Parse(Line(DeliveryOf(ticket), format));
    EXPECT_EQ(parsed.data.at("state"), "open");
    std::vector<std::string> header;
    if (format == SyslogFormat::kCef) {
      EXPECT_EQ(ParseCef(parsed.message, &header).at("cs1"), "open");
    }
    if (format == SyslogFormat::kLeef) {
      EXPECT_EQ(ParseLeef(parsed.message).at("state"), "open");
    }
  }
}

TEST(SyslogLine, IsCutButNotItsReference) {
  for (const char* const piece : {"\\", "=", "\"", "ü", "€", "]", "|", "😀"}) {
    Ticket ticket = words::UserTicket(Cause::kUnexplained);
    ticket.user_principal_name.clear();
    for (int i = 0; i < 1'024; ++i) ticket.user_principal_name += piece;
    ticket.tenant_id = ticket.user_id = ticket.detector = ticket.user_principal_name;
    std::string body;
    for (int i = 0; i < 5'000; ++i) body += piece;
    for (const SyslogFormat format :
         {SyslogFormat::kRfc5424, SyslogFormat::kCef, SyslogFormat::kLeef}) {
      for (const std::string& own : {std::string(), body}) {
        const Parsed parsed = Parse(Line(DeliveryOf(ticket), format, own, own));
        EXPECT_THAT(parsed.message, HasSubstr(kReference));
        EXPECT_TRUE(own.empty() || parsed.message.find("…") != std::string::npos);
        EXPECT_EQ(parsed.data.at("revision"), "1");
      }
    }
  }
}

}  // namespace syslog_line_test
}  // namespace signinwatch::sinks
