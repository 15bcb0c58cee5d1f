#include "daemon/sinks/syslog/syslog_line.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/json/json_value.h"
#include "daemon/sinks/cut_text.h"
#include "parser/event_time.h"

namespace signinwatch::sinks {
namespace {

constexpr size_t kLineMax = kSyslogBytesMax - 8;  // less a frame: its length, or a line's end
constexpr size_t kHostMax = 255;
constexpr size_t kMessageIdMax = 32;
constexpr size_t kTitleMax = 300;
constexpr size_t kValueMax = 256;
constexpr size_t kUrlMax = 1'500;
constexpr size_t kCefMessageMax = 1'023;  // characters
constexpr size_t kCefTextMax = 4'000;     // characters
constexpr int kFacility = 13;

std::string AsItIs(const std::string& text) { return text; }

std::string WithoutControls(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }, ' ');
  return text;
}

// What lines are below each other is one line. A detail is indented below its step's title.
std::string OneLine(const std::string& text) {
  return WithoutControls(
      absl::StrReplaceAll(text, {{"\n   ", ": "}, {"\n\n", " | "}, {"\n", " | "}}));
}

// With a backslash before each of `special`.
std::string Escaped(const std::string& text, std::string_view special) {
  std::string escaped;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// Of the header: printable ASCII without blanks, or "-".
std::string HeaderField(const std::string& text, size_t most) {
  std::string field;
  std::copy_if(text.begin(), text.end(), std::back_inserter(field),
               [](char c) { return c > 0x20 && c < 0x7f; });
  field.resize(std::min(field.size(), most));
  return field.empty() ? "-" : field;
}

struct Rank {
  std::string_view severity;
  int syslog;
  int siem;  // of CEF and LEEF
};
constexpr std::array<Rank, 5> kRanks{
    {{"critical", 2, 10}, {"high", 3, 8}, {"medium", 4, 5}, {"low", 5, 3}, {"info", 6, 1}}};
const Rank& RankOf(std::string_view severity) {
  const auto* const rank = std::find_if(kRanks.begin(), kRanks.end() - 1, [&](const Rank& each) {
    return each.severity == severity;
  });
  return *rank;
}

std::string Milliseconds(EventTime time) {
  return std::to_string(
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count());
}

class LineWriter {
 public:
  LineWriter(const Telling& telling, const MessageWording& wording, const SyslogForm& form)
      : telling_(telling),
        form_(form),
        document_(telling.delivery.json),
        ticket_(document_.root()),
        fields_(words::TemplateFieldsOf(ticket_)),
        title_(CutBytes(WithoutControls(wording.Title(telling, &AsItIs)), kTitleMax)),
        body_(wording.Body(telling, &AsItIs)),
        message_(WriteTicketMessage(telling)) {
    fields_["ticket_id"] = telling.delivery.ticket_id;
    fields_["revision"] = std::to_string(telling.delivery.revision);
    fields_["state"] = telling.delivery.state;
    fields_["severity"] = telling.delivery.severity;
    fields_["parent_ticket_id"] = telling.parent.ticket_id;
    fields_["continues"] = telling.continues.ticket_id;
    fields_["merged_into"] = telling.merged_into.ticket_id;
    if (body_) {
      message_.text = *body_;
      message_.facts.clear();
      message_.steps.clear();
      message_.url.clear();
    }
  }

  std::string Write() {
    const int priority = kFacility * 8 + RankOf(telling_.delivery.severity).syslog;
    line_ = absl::StrCat("<", priority, ">1 ", FormatEventTime(telling_.delivery.committed_at), " ",
                         HeaderField(form_.host, kHostMax), " signinwatch - ",
                         HeaderField(telling_.delivery.reason, kMessageIdMax), " ");
    WriteStructuredData();
    line_ += ' ';
    switch (form_.format) {
      case SyslogFormat::kRfc5424:
        WriteText();
        break;
      case SyslogFormat::kCef:
        WriteCef();
        break;
      case SyslogFormat::kLeef:
        WriteLeef();
        break;
    }
    return std::move(line_);
  }

 private:
  // One line, cut, as all values are.
  std::string Value(const std::string& name) const {
    const auto at = fields_.find(name);
    if (at == fields_.end()) return {};
    return CutBytes(WithoutControls(at->second), name == "url" ? kUrlMax : kValueMax);
  }
  std::string Moment(const std::string& name) const {
    const auto time = ParseEventTime(Value(name));
    return time ? Milliseconds(*time) : "";
  }
  std::string Address() const {
    const std::vector<json::JsonValue> addresses = ticket_["ip_addresses"].Elements();
    return addresses.empty() ? "" : CutBytes(addresses.front()["value"].Text(), kValueMax);
  }
  std::string Text() const {
    const std::string text = OneLine(PlainText(message_, kMessageSteps));
    return text.empty() ? title_ : absl::StrCat(title_, " | ", text);
  }
  // The text, and behind it the reference, in at most `most` bytes.
  std::string Referenced(const std::string& text, size_t most) const {
    const std::string tail = " | " + ReferenceLine(message_);
    return CutBytes(text, most - std::min(most, tail.size())) + tail;
  }

  void WriteStructuredData() {
    absl::StrAppend(&line_, "[signinwatch@", form_.enterprise);
    for (const char* name : {"ticket_id", "revision", "state", "severity", "cause"}) Say(name);
    if (form_.format == SyslogFormat::kRfc5424) {
      for (const char* name :
           {"resolution", "detector", "scope", "tenant_id", "user_id", "user_principal_name",
            "event_count", "total_event_count", "distinct_users", "first_event_time",
            "last_event_time", "opened_at", "resolved_at", "reopened", "parent_ticket_id",
            "continues", "merged_into", "url"}) {
        Say(name);
      }
    }
    line_ += ']';
  }
  void Say(const std::string& name) {
    const std::string value = Value(name);
    if (value.empty()) return;
    absl::StrAppend(&line_, " ", name, "=\"", Escaped(value, R"(\"])"), "\"");
  }

  void WriteText() {
    line_ += "\xEF\xBB\xBF";  // it is UTF-8
    line_ += Referenced(Text(), kLineMax - line_.size());
  }

  static std::string EscapeCef(const std::string& text) {
    return WithoutControls(absl::StrReplaceAll(Escaped(text, R"(\=)"),
                                               {{"\r\n", "\\n"}, {"\r", "\\n"}, {"\n", "\\n"}}));
  }
  void Extend(const std::string& key, const std::string& value) {
    if (value.empty()) return;
    absl::StrAppend(&line_, line_.ends_with('|') ? "" : " ", key, "=", EscapeCef(value));
  }
  void ExtendCustom(const std::string& key, const std::string& label, const std::string& value) {
    if (value.empty()) return;
    Extend(key, value);
    Extend(key + "Label", label);
  }
  void WriteCef() {
    absl::StrAppend(&line_, "CEF:0|signinwatch|signinwatch|", SIGNINWATCH_VERSION, "|",
                    Escaped(Value("detector"), R"(\|)"), "|", Escaped(title_, R"(\|)"), "|",
                    RankOf(telling_.delivery.severity).siem, "|");
    Extend("rt", Milliseconds(telling_.delivery.committed_at));
    Extend("externalId", telling_.delivery.ticket_id);
    ExtendCustom("cn1", "revision", Value("revision"));
    ExtendCustom("cs1", "state", telling_.delivery.state);
    ExtendCustom("cs2", "cause", Value("cause"));
    ExtendCustom("cs3", "tenant", Value("tenant_id"));
    ExtendCustom("cs4", "related", Related());
    Extend("cat", Value("detector"));
    Extend("reason", CutBytes(telling_.delivery.reason, kValueMax));
    Extend("start", Moment("first_event_time"));
    Extend("end", Moment("last_event_time"));
    Extend("cnt", Value("event_count"));
    Extend("suser", Value("user_principal_name"));
    Extend("suid", Value("user_id"));
    const std::string address = Address();
    if (address.find(':') == std::string::npos) {
      Extend("src", address);
    } else {
      ExtendCustom("c6a2", "Source IPv6 Address", address);
    }
    Extend("request", Value("url"));
    Extend("msg", CutCharactersBefore(PlainText(message_, 0), "\n" + ReferenceLine(message_),
                                      kCefMessageMax));
    const std::string steps = Steps();
    constexpr std::string_view kName = " cs5= cs5Label=runbook";
    if (steps.empty() || line_.size() + kName.size() >= kLineMax) return;
    // Escaped it may be twice as long.
    ExtendCustom(
        "cs5", "runbook",
        CutCharacters(CutBytes(steps, (kLineMax - line_.size() - kName.size()) / 2), kCefTextMax));
  }
  std::string Related() const {
    std::string text;
    for (const RelatedTicket& other : message_.related) {
      absl::StrAppend(&text, text.empty() ? "" : "; ", other.relation, ": ",
                      other.ticket.ticket_id);
    }
    return text;
  }
  std::string Steps() const {
    std::string text;
    const size_t shown = std::min(kMessageSteps, message_.steps.size());
    for (size_t i = 0; i < shown; ++i) {
      const MessageStep& step = message_.steps[i];
      absl::StrAppend(&text, text.empty() ? "" : "\n", i + 1, ". ", step.title, ": ", step.detail);
    }
    return text;
  }

  // LEEF has no escapes: what separates can't stand in a value.
  static std::string PlainLeef(std::string text) {
    std::replace(text.begin(), text.end(), '^', '_');
    return WithoutControls(std::move(text));
  }
  static std::string LeefHeader(std::string text) {
    std::replace(text.begin(), text.end(), '|', '_');
    return PlainLeef(std::move(text));
  }
  void Attribute(const std::string& key, std::string value) {
    if (value.empty()) return;
    absl::StrAppend(&line_, line_.ends_with('|') ? "" : "^", key, "=", PlainLeef(std::move(value)));
  }
  void WriteLeef() {
    absl::StrAppend(&line_, "LEEF:2.0|signinwatch|signinwatch|", SIGNINWATCH_VERSION, "|",
                    LeefHeader(Value("detector")), "|^|");
    Attribute("devTime", Milliseconds(telling_.delivery.committed_at));
    Attribute("sev", std::to_string(RankOf(telling_.delivery.severity).siem));
    Attribute("cat", Value("cause"));
    Attribute("usrName", Value("user_principal_name"));
    Attribute("src", Address());
    Attribute("ticketId", telling_.delivery.ticket_id);
    for (const auto& [key, name] : std::initializer_list<std::pair<const char*, const char*>>{
             {"revision", "revision"},
             {"state", "state"},
             {"severity", "severity"},
             {"cause", "cause"},
             {"resolution", "resolution"},
             {"tenantId", "tenant_id"},
             {"userId", "user_id"},
             {"eventCount", "event_count"},
             {"distinctUsers", "distinct_users"},
             {"firstEventTime", "first_event_time"},
             {"lastEventTime", "last_event_time"},
             {"parentTicketId", "parent_ticket_id"},
             {"continues", "continues"},
             {"mergedInto", "merged_into"},
             {"url", "url"}}) {
      Attribute(key, Value(name));
    }
    constexpr std::string_view kName = "^msg=";
    Attribute("msg", Referenced(Text(), kLineMax - line_.size() - kName.size()));
  }

  const Telling& telling_;
  const SyslogForm& form_;
  const json::JsonDocument document_;
  const json::JsonValue ticket_;
  words::TemplateFields fields_;
  const std::string title_;
  const std::optional<std::string> body_;
  TicketMessage message_;
  std::string line_;
};

}  // namespace

std::string SyslogLine(const Telling& telling, const MessageWording& wording,
                       const SyslogForm& form) {
  return LineWriter(telling, wording, form).Write();
}

}  // namespace signinwatch::sinks
