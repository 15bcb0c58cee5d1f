#include "daemon/sinks/smtp/mail_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "daemon/config/mail_address.h"
#include "daemon/words/ticket_json.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::sinks {
namespace mail_message_test {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Mail {
  std::map<std::string, std::string> headers;  // unfolded
  std::string plain, html;
};

std::string FromQuotedPrintable(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      plain += text[i];
    } else if (text.compare(i, 3, "=\r\n") == 0) {
      i += 2;
    } else {
      plain += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
  }
  return plain;
}

// Strict: CR LF alone ends lines, of at most 998 octets of ASCII.
Mail Parse(const std::string& text) {
  Mail mail;
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find("\r\n", at);
    EXPECT_NE(end, std::string::npos);
    lines.push_back(text.substr(at, end - at));
    EXPECT_LE(lines.back().size(), 998u);
    EXPECT_TRUE(std::all_of(lines.back().begin(), lines.back().end(), [](char c) {
      return c >= 0x20 && c < 0x7f;
    })) << lines.back();
    at = end + 2;
  }
  std::string name;
  for (const std::string& line : lines) {
    if (line.empty()) break;
    if (line.starts_with(' ')) {
      mail.headers[name] += line;
    } else {
      name = line.substr(0, line.find(": "));
      EXPECT_TRUE(mail.headers.emplace(name, line.substr(line.find(": ") + 2)).second) << name;
    }
  }
  const std::string& type = mail.headers["Content-Type"];
  EXPECT_THAT(type, StartsWith("multipart/alternative; boundary=\""));
  const size_t quote = type.find('"') + 1;
  const std::string boundary = "--" + type.substr(quote, type.rfind('"') - quote);
  const auto part = [&](size_t at, const std::string& of) {
    const size_t begin = text.find("\r\n\r\n", at) + 4;
    EXPECT_THAT(text.substr(at, begin - at), HasSubstr("Content-Type: " + of + "; charset=utf-8"));
    return FromQuotedPrintable(text.substr(begin, text.find("\r\n" + boundary, begin) - begin));
  };
  const size_t first = text.find("\r\n" + boundary + "\r\n");
  const size_t second = text.find("\r\n" + boundary + "\r\n", first + 2);
  mail.plain = part(first, "text/plain");
  mail.html = part(second, "text/html");
  EXPECT_TRUE(text.ends_with("\r\n" + boundary + "--\r\n"));
  return mail;
}

std::string Decoded(const std::string& header) {
  std::string text;
  for (size_t at = 0; (at = header.find("=?UTF-8?B?", at)) != std::string::npos;) {
    const size_t end = header.find("?=", at + 10);
    EXPECT_LE(end + 2 - at, 75u);
    std::string word;
    EXPECT_TRUE(absl::Base64Unescape(header.substr(at + 10, end - at - 10), &word));
    text += word;
    at = end;
  }
  return text;
}

Mail MailOf(Ticket ticket, const std::string& title = "", const std::string& body = "",
            const std::string& merged_into = "") {
  ticket.revision = 3;
  store::Delivery delivery;
  delivery.ticket_id = ticket.ticket_id;
  delivery.revision = 3;
  delivery.severity = SeverityName(ticket.severity);
  delivery.state = "open";
  delivery.json = words::TicketToJson(ticket, "https://signinwatch.contoso.example");
  delivery.committed_at = words::At("2026-11-24T09:20:00.123456Z");
  const Telling telling{.delivery = delivery,
                        .key = delivery.ticket_id,
                        .reference = delivery.ticket_id + "/3",
                        .merged_into = {.ticket_id = merged_into}};
  return Parse(MailMessage(
      telling, MessageWording(title, body),
      {.from = "watch@contoso.example", .to = {"soc@contoso.example", "desk@contoso.example"}}));
}

const std::string kId = words::kSampleTicket;

TEST(MailMessage, HasTheHeadersOfItsThread) {
  Mail mail = MailOf(words::UserTicket(Cause::kUnexplained));
  EXPECT_EQ(mail.headers["Date"], "Tue, 24 Nov 2026 09:20:00 +0000");
  EXPECT_EQ(mail.headers["From"], "watch@contoso.example");
  EXPECT_EQ(mail.headers["To"], "soc@contoso.example, desk@contoso.example");
  EXPECT_EQ(mail.headers["Message-ID"], "<" + kId + ".3@contoso.example>");
  EXPECT_EQ(mail.headers["In-Reply-To"], "<" + kId + "@contoso.example>");
  EXPECT_EQ(mail.headers["References"], "<" + kId + "@contoso.example>");
  EXPECT_EQ(mail.headers["Auto-Submitted"], "auto-generated");
  EXPECT_EQ(mail.headers["MIME-Version"], "1.0");
}

TEST(MailMessage, SaysTheSameInBothParts) {
  const Mail mail = MailOf(words::UserTicket(Cause::kUnexplained), "", "", "the-other");
  const std::string url = "https://signinwatch.contoso.example/tickets/" + kId;
  for (const std::string& part : {mail.plain, mail.html}) {
    EXPECT_THAT(part, HasSubstr("Severity"));
    EXPECT_THAT(part, HasSubstr("What to do:"));
    EXPECT_THAT(part, HasSubstr("Merged into: the-other"));
    EXPECT_THAT(part, HasSubstr(url));
    EXPECT_THAT(part, HasSubstr("Reference: " + kId + "/3"));
  }
  EXPECT_THAT(mail.html, HasSubstr("<a href=\"" + url + "\">"));
}

TEST(MailMessage, TextOfARecordIsNeitherHeaderNorMarkup) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.user_principal_name = "a\r\nBcc: x@evil.example\r\n\r\n--=_signinwatch<b>&\"'@c";
  for (const std::string& own : {std::string(), std::string("{{user_principal_name}} ü")}) {
    const Mail mail = MailOf(ticket, own, own);
    EXPECT_EQ(mail.headers.count("Bcc"), 0u);
    EXPECT_EQ(mail.headers.size(), 10u);
    EXPECT_THAT(mail.html, Not(HasSubstr("<b>&")));
    EXPECT_THAT(mail.html, HasSubstr("&lt;b&gt;&amp;&quot;&#39;"));
    EXPECT_THAT(mail.plain, HasSubstr("<b>&\"'"));
  }
}

TEST(MailMessage, EncodesAndCutsItsSubject) {
  const Ticket ticket = words::UserTicket(Cause::kUnexplained);
  EXPECT_EQ(MailOf(ticket, "{{event_count}} failures").headers["Subject"], "37 failures");
  EXPECT_EQ(Decoded(MailOf(ticket, "=?x").headers["Subject"]), "=?x");
  std::string title;
  for (int i = 0; i < 300; ++i) title += "€";
  std::string cut;
  for (int i = 0; i < 254; ++i) cut += "€";
  EXPECT_EQ(Decoded(MailOf(ticket, title).headers["Subject"]), cut + "…");
}

TEST(MailMessage, ASitesOwnBodyStandsForOurs) {
  const Mail mail = MailOf(words::UserTicket(Cause::kUnexplained), "", "a = {{event_count}} \nb");
  EXPECT_EQ(mail.plain, "a = 37 \r\nb\r\n\r\nReference: " + kId + "/3");
  EXPECT_THAT(mail.html, HasSubstr("<p>a = 37 <br>\r\nb</p>"));
}

TEST(IsMailAddress, RefusesWhatMeansSomethingElse) {
  EXPECT_TRUE(config::IsMailAddress("soc@contoso.example"));
  for (const char* const text :
       {"", "soc", "@contoso.example", "soc@", "a@b@c", "a b@c", "<a@b>", "a@b,c", "a@b\r\nX: y"}) {
    EXPECT_FALSE(config::IsMailAddress(text)) << text;
  }
}

}  // namespace mail_message_test
}  // namespace signinwatch::sinks
