#include "daemon/sinks/smtp/mail_message.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/sinks/cut_text.h"

namespace signinwatch::sinks {
namespace {

constexpr size_t kSubjectMax = 255;   // characters
constexpr size_t kTextMax = 100'000;  // characters

std::string AsItIs(const std::string& text) { return text; }

std::string WithoutControls(std::string text, bool keep_lines) {
  std::replace_if(
      text.begin(), text.end(),
      [keep_lines](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && !(keep_lines && c == '\n')) || c == '\x7f';
      },
      ' ');
  return text;
}

// RFC 2047: as it is if it is ASCII that fits a line, else encoded words with whole characters.
std::string HeaderText(const std::string& text) {
  constexpr size_t kLine = 60;
  constexpr size_t kWord = 42;  // bytes, that are 56 of base64
  const bool plain =
      text.size() <= kLine && text.find("=?") == std::string::npos &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (plain) return text;
  std::string words;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(at + kWord, text.size());
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    absl::StrAppend(&words, words.empty() ? "" : "\r\n ", "=?UTF-8?B?",
                    absl::Base64Escape(text.substr(at, end - at)), "?=");
    at = end;
  }
  return words;
}

// RFC 2045. Lines of at most 76 characters.
std::string QuotedPrintable(const std::string& text) {
  constexpr size_t kLine = 75;  // and a "="
  constexpr const char* kHex = "0123456789ABCDEF";
  std::string encoded;
  size_t column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n') {
      encoded += "\r\n";
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    const bool as_it_is = c >= 0x20 && c < 0x7f && c != '=' && !(c == ' ' && ends_line);
    const size_t size = as_it_is ? 1 : 3;
    if (column + size > kLine) {
      encoded += "=\r\n";
      column = 0;
    }
    if (as_it_is) {
      encoded += static_cast<char>(c);
    } else {
      encoded += '=';
      encoded += kHex[c >> 4U];
      encoded += kHex[c & 15U];
    }
    column += size;
  }
  return encoded + "\r\n";
}

std::string EscapeHtml(const std::string& text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"},
                                    {"<", "&lt;"},
                                    {">", "&gt;"},
                                    {"\"", "&quot;"},
                                    {"'", "&#39;"},
                                    {"\n", "<br>\n"}});
}

// "Tue, 24 Nov 2026 09:20:00 +0000"
std::string DateOf(EventTime time) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  char text[64];
  std::snprintf(text, sizeof(text), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::string Html(const std::string& title, const TicketMessage& message) {
  std::string html =
      absl::StrCat("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n<h2>",
                   EscapeHtml(title), "</h2>\n");
  if (!message.text.empty()) absl::StrAppend(&html, "<p>", EscapeHtml(message.text), "</p>\n");
  for (const RelatedTicket& other : message.related) {
    absl::StrAppend(&html, "<p>", EscapeHtml(other.relation), ": ",
                    EscapeHtml(other.ticket.ticket_id), "</p>\n");
  }
  if (!message.facts.empty()) {
    html += "<table>\n";
    for (const MessageFact& fact : message.facts) {
      absl::StrAppend(&html, "<tr><th align=\"left\">", EscapeHtml(fact.name), "</th><td>",
                      EscapeHtml(fact.value), "</td></tr>\n");
    }
    html += "</table>\n";
  }
  if (!message.url.empty()) {
    const std::string url = EscapeHtml(message.url);
    absl::StrAppend(&html, "<p><a href=\"", url, "\">", url, "</a></p>\n");
  }
  const size_t shown = std::min(kMessageSteps, message.steps.size());
  if (shown > 0) html += "<p>What to do:</p>\n<ol>\n";
  for (size_t i = 0; i < shown; ++i) {
    absl::StrAppend(&html, "<li><b>", EscapeHtml(message.steps[i].title), "</b><br>\n",
                    EscapeHtml(message.steps[i].detail), "</li>\n");
  }
  if (shown > 0) html += "</ol>\n";
  absl::StrAppend(&html, "<p>", EscapeHtml(ReferenceLine(message)), "</p>\n</body></html>");
  return html;
}

}  // namespace

std::string MailMessage(const Telling& telling, const MessageWording& wording,
                        const MailAddresses& addresses) {
  TicketMessage message = WriteTicketMessage(telling);
  if (const std::optional<std::string> body = wording.Body(telling, &AsItIs)) {
    message.text = CutCharacters(*body, kTextMax);
    message.facts.clear();
    message.steps.clear();
    message.url.clear();
  }
  const std::string title =
      CutCharacters(WithoutControls(wording.Title(telling, &AsItIs), false), kSubjectMax);
  const std::string text = WithoutControls(
      absl::StrCat(PlainText(message, kMessageSteps), "\n\n", ReferenceLine(message)), true);
  const std::string html = WithoutControls(Html(title, message), true);
  const store::Delivery& delivery = telling.delivery;
  const std::string domain = addresses.from.substr(addresses.from.find('@') + 1);
  const std::string thread = absl::StrCat("<", delivery.ticket_id, "@", domain, ">");
  // "=_" can't be in quoted-printable.
  const std::string boundary = "=_signinwatch";
  std::string to;
  for (const std::string& each : addresses.to) {
    absl::StrAppend(&to, to.empty() ? "" : ",\r\n ", each);
  }
  const auto part = [&](const char* type, const std::string& content) {
    return absl::StrCat("--", boundary, "\r\nContent-Type: ", type,
                        "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
                        QuotedPrintable(content));
  };
  return absl::StrCat("Date: ", DateOf(delivery.committed_at), "\r\nFrom: ", addresses.from,
                      "\r\nTo: ", to, "\r\nSubject: ", HeaderText(title), "\r\nMessage-ID: <",
                      delivery.ticket_id, ".", delivery.revision, "@", domain,
                      ">\r\nIn-Reply-To: ", thread, "\r\nReferences: ", thread,
                      "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
                      "Content-Type: multipart/alternative; boundary=\"", boundary, "\"\r\n\r\n") +
         part("text/plain", text) + part("text/html", html) + "--" + boundary + "--\r\n";
}

}  // namespace signinwatch::sinks
