#include "daemon/tickets/ticket_text.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "daemon/replay/terminal.h"
#include "daemon/words/answers.h"
#include "daemon/words/phrases.h"
#include "daemon/words/ticket_reader.h"
#include "parser/harmful_characters.h"

namespace signinwatch::tickets {
namespace {

constexpr std::string_view kGap = "  ";
constexpr size_t kWhenColumns = 16;  // 2026-11-24 09:00
constexpr size_t kSeverityColumns = 8;
constexpr size_t kStateColumns = 8;
constexpr size_t kFailuresColumns = 8;
constexpr size_t kColumnsMin = 80;
constexpr size_t kLabelColumns = 12;

std::string Safe(std::string_view text) {
  return replay::FitColumns(text, std::numeric_limits<size_t>::max() / 2, false);
}

std::string Words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return Safe(name);
}

// "2026-11-24 09:00:00" of "2026-11-24T09:00:00.000000Z".
std::string When(const json::JsonValue& time) {
  std::string text = Safe(time.Text()).substr(0, 19);
  if (text.size() > 10) text[10] = ' ';
  return text;
}

std::string Who(const json::JsonValue& ticket) {
  if (ticket["scope"].Text() == "tenant") {
    return std::to_string(ticket["distinct_users"].Integer()) + " users of tenant " +
           ticket["tenant_id"].Text();
  }
  const std::string name = ticket["user_principal_name"].Text();
  return name.empty() ? ticket["user_id"].Text() : name;
}

std::string Why(const json::JsonValue& ticket) {
  std::string text = Words(ticket["cause"].Text());
  for (const json::JsonValue& finding : ticket["findings"].Elements()) {
    text += ", " + Safe(words::FindingWords(finding.Text()));
  }
  return text;
}

std::string Coloured(std::string text, const std::string& severity, bool colour) {
  if (!colour) return text;
  const char* begin = "\x1b[2m";
  if (severity == "critical") begin = "\x1b[1;31m";
  if (severity == "high") begin = "\x1b[31m";
  if (severity == "medium") begin = "\x1b[33m";
  if (severity == "low") begin = "\x1b[32m";
  return begin + text + "\x1b[0m";
}

// Lines of at most `columns`, broken at blanks, each with `indent` blanks before it but the first.
std::string Wrapped(std::string_view text, size_t columns, size_t indent) {
  const size_t width = std::max(columns, indent + 20) - indent;
  const std::string safe = Safe(text);
  std::string out;
  size_t used = 0;
  for (size_t begin = 0; begin < safe.size();) {
    const size_t end = std::min(safe.find(' ', begin), safe.size());
    const std::string_view word = std::string_view(safe).substr(begin, end - begin);
    begin = end + 1;
    size_t letters = 0;
    for (std::string_view rest = word; !rest.empty(); ++letters) {
      rest.remove_prefix(FirstCodePoint(rest).bytes);
    }
    if (used > 0 && used + 1 + letters > width) {
      out.append(1, '\n').append(indent, ' ');
      used = 0;
    } else if (used > 0) {
      out += ' ';
      ++used;
    }
    out += word;
    used += letters;
  }
  return out + "\n";
}

std::string Age(int64_t seconds) {
  const int64_t minutes = seconds / 60;
  if (minutes < 120) return std::to_string(minutes) + " min";
  if (minutes < 48 * 60) return std::to_string(minutes / 60) + " h";
  return std::to_string(minutes / 60 / 24) + " days";
}

// "a (3), b (1), and 5 more"
std::string Counts(const json::JsonValue& list, int64_t total) {
  std::string text;
  const std::vector<json::JsonValue> elements = list.Elements();
  for (const json::JsonValue& element : elements) {
    std::string name = element["name"].Text();
    if (name.empty()) name = element["value"].Text();
    if (name.empty()) name = element["id"].Text();
    text += (text.empty() ? "" : ", ") + name;
    text += " (" + std::to_string(element["count"].Integer()) + ")";
  }
  const int64_t more = total - static_cast<int64_t>(elements.size());
  if (more > 0) text += ", and " + std::to_string(more) + " more";
  return text;
}

std::string Counts(const json::JsonValue& members) {
  std::string text;
  for (const auto& [name, count] : members.Members()) {
    text += (text.empty() ? "" : ", ") + Words(name);
    text += " (" + std::to_string(count.Integer()) + ")";
  }
  return text;
}

std::string Joined(const std::vector<json::JsonValue>& texts) {
  std::string text;
  for (const json::JsonValue& each : texts) text += (text.empty() ? "" : ", ") + each.Text();
  return text;
}

// Puts a story together, section by section.
class StoryWriter {
 public:
  StoryWriter(size_t columns, bool colour, bool cut)
      : columns_(std::max(columns, kColumnsMin)), colour_(colour), cut_(cut) {}

  void Head(const json::JsonValue& ticket);
  void Facts(const json::JsonValue& ticket);
  void Answers(const json::JsonValue& ticket);
  void Changes(const json::JsonValue& ticket);
  void History(const std::vector<json::JsonValue>& revisions);
  void Runbook(const json::JsonValue& ticket);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void Section(std::string_view title) { text_.append("\n").append(title).append("\n"); }
  // Nothing for an empty value.
  void Fact(std::string_view label, std::string_view value);

  size_t columns_;
  bool colour_;
  bool cut_;
  std::string text_;
};

void StoryWriter::Fact(std::string_view label, std::string_view value) {
  if (value.empty()) return;
  text_ += kGap;
  text_ += replay::FitColumns(label, kLabelColumns, true);
  text_ += Wrapped(value, columns_, kGap.size() + kLabelColumns);
}

void StoryWriter::Head(const json::JsonValue& ticket) {
  text_ += Wrapped(ticket["title"].Text(), columns_, 0);
  const std::string severity = ticket["severity"].Text();
  std::string state = Words(ticket["state"].Text());
  if (const std::string how = Words(ticket["resolution"].Text()); !how.empty()) {
    state += " (" + how + ")";
  }
  text_ += Coloured(Safe(severity), severity, colour_) + ", " + state + ", " + Why(ticket) + "\n";
  text_ += "\n" + Wrapped(ticket["summary"].Text(), columns_, 0);
}

void StoryWriter::Facts(const json::JsonValue& ticket) {
  Section("Facts");
  Fact("ticket",
       ticket["ticket_id"].Text() + ", revision " + std::to_string(ticket["revision"].Integer()));
  Fact("page", ticket["url"].Text());
  Fact("quiet by", ticket["exception"].Text());
  Fact("tenant", ticket["tenant_id"].Text());
  Fact("user", ticket["user_principal_name"].Text());
  Fact("user id", ticket["user_id"].Text());
  Fact("burst",
       When(ticket["first_event_time"]) + " to " + When(ticket["last_event_time"]) + " UTC");
  Fact("opened", When(ticket["opened_at"]));
  Fact("resolved", When(ticket["resolved_at"]));
  Fact("back at", When(ticket["reauthenticated_at"]));
  std::string failures = std::to_string(ticket["event_count"].Integer());
  if (ticket["total_event_count"].Integer() != ticket["event_count"].Integer()) {
    failures += " of " + std::to_string(ticket["total_event_count"].Integer()) +
                " since the ticket was first opened";
  }
  Fact("failures", failures + ", by code " + Counts(ticket["codes"]));
  Fact("detector", ticket["detector"].Text());
  Fact("apps", Counts(ticket["apps"], ticket["apps_total"].Integer()));
  Fact("addresses", Counts(ticket["ip_addresses"], ticket["ip_addresses_total"].Integer()));
  Fact("countries", Counts(ticket["countries"], ticket["countries_total"].Integer()));
  Fact("devices", Counts(ticket["devices"], ticket["devices_total"].Integer()));
  Fact("users", Counts(ticket["users"], ticket["users_total"].Integer()));
  Fact("by cause", Counts(ticket["users_by_cause"]));
  Fact("evidence", Joined(ticket["evidence"].Elements()));
  Fact("part of", ticket["parent_ticket_id"].Text());
  Fact("continues", ticket["continues"].Text());
  Fact("merged into", ticket["merged_into"].Text());
}

void StoryWriter::Answers(const json::JsonValue& ticket) {
  const std::vector<words::GuideAnswer> answers = words::TicketAnswers(words::ReadTicket(ticket));
  if (answers.empty()) return;
  Section("What the records answer");
  for (const words::GuideAnswer& answer : answers) {
    const std::string title = words::GuideQuestionTitle(answer.question);
    text_ += kGap;
    text_ += Wrapped((answer.alarming ? "! " : "") + title + ": " + answer.text, columns_,
                     2 * kGap.size());
  }
}

void StoryWriter::Changes(const json::JsonValue& ticket) {
  const std::vector<json::JsonValue> changes = ticket["changes"].Elements();
  const std::string kinds = Counts(ticket["changes_by_kind"]);
  if (changes.empty() && kinds.empty()) return;
  Section("Password and session changes");
  for (const json::JsonValue& change : changes) {
    std::string text = When(change["time"]) + "  " + Words(change["kind"].Text());
    if (const std::string actor = change["actor"].Text(); !actor.empty()) text += " by " + actor;
    const int64_t age = change["age_seconds"].Integer();
    text += age >= 0 ? ", " + Age(age) + " before the burst" : ", " + Age(-age) + " into the burst";
    text += ": " + Joined(change["operations"].Elements());
    text_ += kGap;
    text_ += Wrapped(text, columns_, 2 * kGap.size());
  }
  Fact("by kind", kinds);
  const json::JsonValue actors = ticket["changes_by_actor"];
  Fact("by actor", Counts(actors, static_cast<int64_t>(actors.Elements().size())));
}

void StoryWriter::History(const std::vector<json::JsonValue>& revisions) {
  constexpr size_t kNumberColumns = 4;
  constexpr size_t kReasonColumns = 18;
  constexpr size_t kUpToColumns = 24;
  const size_t used =
      kGap.size() + kNumberColumns + kReasonColumns + kSeverityColumns + kGap.size() + kUpToColumns;
  Section("History");
  for (const json::JsonValue& revision : revisions) {
    const std::string severity = revision["severity"].Text();
    text_ += kGap;
    text_ +=
        replay::FitColumns(std::to_string(revision["revision"].Integer()), kNumberColumns, true);
    text_ += replay::FitColumns(Words(revision["reason"].Text()), kReasonColumns, true);
    text_ += Coloured(replay::FitColumns(severity, kSeverityColumns, true), severity, colour_);
    text_ += kGap;
    text_ += replay::FitColumns(
        "up to " + When(revision["last_event_time"]).substr(0, kWhenColumns), kUpToColumns, true);
    const std::string what = std::to_string(revision["event_count"].Integer()) + " failures, ";
    const std::string rest = what + Why(revision);
    text_ += (cut_ ? replay::FitColumns(rest, columns_ - used, false) : Safe(rest)) + "\n";
  }
}

void StoryWriter::Runbook(const json::JsonValue& ticket) {
  const std::vector<json::JsonValue> steps = ticket["runbook"].Elements();
  if (steps.empty()) return;
  Section("What to do");
  for (const json::JsonValue& step : steps) {
    const std::string number = std::to_string(step["step"].Integer()) + ". ";
    text_ += kGap;
    text_ += number + Wrapped(step["title"].Text(), columns_, kGap.size() + number.size());
    text_.append(kGap.size() + number.size(), ' ');
    text_ += Wrapped(step["detail"].Text(), columns_, kGap.size() + number.size());
  }
}

}  // namespace

TicketList::TicketList(size_t columns, bool colour, bool cut)
    : columns_(std::max(columns, kColumnsMin)), colour_(colour), cut_(cut) {
  const size_t rest = columns_ - kWhenColumns - kSeverityColumns - kStateColumns -
                      kFailuresColumns - 5 * kGap.size();
  who_columns_ = rest * 55 / 100;
  why_columns_ = rest - who_columns_;
}

std::string TicketList::Cell(std::string_view text, size_t columns, bool fill) const {
  return cut_ ? replay::FitColumns(text, columns, fill)
              : replay::PadColumns(text, fill ? columns : 0);
}

std::string TicketList::Header() const {
  std::string line = replay::FitColumns("WHEN (UTC)", kWhenColumns, true);
  line.append(kGap) += replay::FitColumns("SEVERITY", kSeverityColumns, true);
  line.append(kGap) += replay::FitColumns("STATE", kStateColumns, true);
  line.append(kGap) += replay::FitColumns("WHO", who_columns_, true);
  line.append(kGap) += replay::FitColumns("FAILURES", kFailuresColumns, true);
  line.append(kGap) += replay::FitColumns("WHY", why_columns_, false);
  return line + "\n";
}

std::string TicketList::Row(const json::JsonValue& ticket) const {
  const std::string severity = ticket["severity"].Text();
  const std::string failures = std::to_string(ticket["event_count"].Integer());
  std::string text =
      replay::FitColumns(When(ticket["first_event_time"]).substr(0, 16), kWhenColumns, true);
  text.append(kGap) +=
      Coloured(replay::FitColumns(severity, kSeverityColumns, true), severity, colour_);
  text.append(kGap) += replay::FitColumns(ticket["state"].Text(), kStateColumns, true);
  text.append(kGap) += Cell(Who(ticket), who_columns_, true);
  text.append(kGap);
  text.append(kFailuresColumns - std::min(kFailuresColumns, failures.size()), ' ').append(failures);
  text.append(kGap) += Cell(Why(ticket), why_columns_, false);
  text.append("\n").append(kWhenColumns, ' ').append(kGap);
  const std::string id = Safe(ticket["ticket_id"].Text());
  text += id;
  const std::vector<json::JsonValue> steps = ticket["runbook"].Elements();
  const size_t used = kWhenColumns + 2 * kGap.size() + id.size();
  if (!steps.empty() && (!cut_ || used < columns_)) {
    text.append(kGap) +=
        Cell(steps.front()["title"].Text(), columns_ - std::min(used, columns_), false);
  }
  return text + "\n";
}

std::string TicketStory(const std::vector<json::JsonValue>& revisions, size_t columns, bool colour,
                        bool cut) {
  StoryWriter story(columns, colour, cut);
  const json::JsonValue& last = revisions.back();
  story.Head(last);
  story.Facts(last);
  story.Answers(last);
  story.Changes(last);
  story.History(revisions);
  story.Runbook(last);
  return story.text();
}

}  // namespace signinwatch::tickets
