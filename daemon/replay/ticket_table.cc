#include "daemon/replay/ticket_table.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "daemon/replay/terminal.h"
#include "daemon/words/answers.h"
#include "daemon/words/phrases.h"
#include "daemon/words/runbook.h"

namespace signinwatch::replay {
namespace {

constexpr std::string_view kGap = "  ";
constexpr size_t kWhenColumns = 16;  // 2026-11-24 09:00
constexpr size_t kSeverityColumns = 8;
constexpr std::string_view kArrow = "-> ";
constexpr std::string_view kMark = " ! ";  // before an answer that is to be looked at first
static_assert(kMark.size() == kArrow.size());

std::string Words(std::string_view name) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string When(const Ticket& ticket) {
  std::string text = FormatEventTime(ticket.first_event_time);
  text[10] = ' ';
  return text;
}

std::string Who(const Ticket& ticket) {
  if (ticket.scope == GroupBy::kTenant) {
    return std::to_string(ticket.distinct_users) + " users of tenant " + ticket.tenant_id;
  }
  return ticket.user_principal_name.empty() ? ticket.user_id : ticket.user_principal_name;
}

std::string What(const Ticket& ticket, bool events) {
  const std::string text = std::to_string(ticket.event_count) + " failures";
  return events ? Words(RevisionReasonName(ticket.reason)) + ", " + text : text;
}

std::string Why(const Ticket& ticket) {
  std::string text = Words(CauseName(ticket.cause));
  for (const FindingName& finding : kFindingNames) {
    if (ticket.findings.*finding.holds) text += ", " + words::FindingWords(finding.name);
  }
  return text;
}

std::string_view ColourOf(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
      return "\x1b[1;31m";
    case Severity::kHigh:
      return "\x1b[31m";
    case Severity::kMedium:
      return "\x1b[33m";
    case Severity::kLow:
      return "\x1b[32m";
    case Severity::kInfo:
      break;
  }
  return "\x1b[2m";
}
constexpr std::string_view kColourEnd = "\x1b[0m";

}  // namespace

TicketTable::TicketTable(size_t columns, bool colour, bool events, bool cut)
    : colour_(colour), events_(events), cut_(cut) {
  columns = std::max(columns, kColumnsMin);
  const size_t rest = columns - kWhenColumns - kSeverityColumns - 4 * kGap.size();
  what_columns_ = rest * (events ? 30 : 22) / 100;
  why_columns_ = rest * 33 / 100;
  who_columns_ = rest - what_columns_ - why_columns_;
  step_columns_ = columns - kWhenColumns - kGap.size() - kArrow.size();
}

std::string TicketTable::Cell(std::string_view text, size_t columns, bool fill) const {
  return cut_ ? FitColumns(text, columns, fill) : PadColumns(text, fill ? columns : 0);
}

std::string TicketTable::Header() const {
  std::string line = FitColumns("WHEN (UTC)", kWhenColumns, true);
  line.append(kGap) += FitColumns("SEVERITY", kSeverityColumns, true);
  line.append(kGap) += FitColumns("WHO", who_columns_, true);
  line.append(kGap) += FitColumns("WHAT", what_columns_, true);
  line.append(kGap) += FitColumns("WHY", why_columns_, false);
  return line + "\n";
}

std::string TicketTable::Row(const Ticket& ticket) const {
  std::string severity = FitColumns(SeverityName(ticket.severity), kSeverityColumns, true);
  if (colour_) {
    severity = std::string(ColourOf(ticket.severity)) + severity + std::string(kColourEnd);
  }
  std::string text = When(ticket).substr(0, kWhenColumns);
  text.append(kGap) += severity;
  text.append(kGap) += Cell(Who(ticket), who_columns_, true);
  text.append(kGap) += Cell(What(ticket, events_), what_columns_, true);
  text.append(kGap) += Cell(Why(ticket), why_columns_, false);
  text += '\n';
  const std::vector<words::RunbookStep> steps = words::TicketRunbook(ticket);
  if (steps.empty() || ticket.state == TicketState::kMerged) return text;
  text.append(kWhenColumns, ' ').append(kGap).append(kArrow);
  text += Cell(steps.front().title, step_columns_, false) + "\n";
  for (const words::GuideAnswer& answer : words::TicketAnswers(ticket)) {
    if (!answer.alarming) continue;
    text.append(kWhenColumns, ' ').append(kGap).append(kMark);
    text += Cell(words::Join({words::GuideQuestionTitle(answer.question), ": ", answer.text}),
                 step_columns_, false);
    text += '\n';
  }
  return text;
}

}  // namespace signinwatch::replay
