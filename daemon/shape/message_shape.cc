#include "daemon/shape/message_shape.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <utility>
#include <vector>

#include "daemon/files/foreign_format.h"
#include "parser/ascii.h"
#include "parser/json_escape.h"
#include "parser/json_walk.h"
#include "parser/structural_index.h"

namespace signinwatch::shape {
namespace {

constexpr uint32_t kLevelsMax = 1'024;
constexpr size_t kKeysMax = 200;
constexpr size_t kKeysShown = 5;
constexpr size_t kNameBytesMax = 64;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr const char* kEntraAdvice =
    "export SignInLogs, NonInteractiveUserSignInLogs and AuditLogs by a diagnostic setting of "
    "Microsoft Entra ID itself";

// A member's value: where it begins, and its text if it is one.
struct Member {
  uint32_t value = 0;
  std::string text;
  bool is_object = false;
};

// The members of one object, as far as they are whole.
class Members {
 public:
  Members(const JsonView& view, uint32_t object) {
    JsonWalker walker(kLevelsMax);
    uint32_t i = object + 1;
    while (i + 2 < view.count && view.At(i) == '"' && view.At(i + 1) == ':' &&
           members_.size() < kKeysMax) {
      Member member{.value = i + 2, .text = {}};
      if (view.At(i + 2) == '"') AppendUnescaped(view.RawString(i + 2), false, &member.text);
      member.is_object = view.At(i + 2) == '{';
      std::string key;
      AppendUnescaped(view.RawString(i), false, &key);
      order_.push_back(key);
      members_.emplace(std::move(key), std::move(member));
      i = walker.SkipValue(view, i + 2, 2);
      if (WalkFailed(i) || i >= view.count || view.At(i) != ',') break;
      ++i;
    }
  }

  [[nodiscard]] const Member* Find(std::string_view key) const {
    const auto found = members_.find(key);
    return found == members_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] bool Has(std::string_view key) const { return Find(key) != nullptr; }
  [[nodiscard]] bool HasAny(std::initializer_list<std::string_view> keys) const {
    return std::any_of(keys.begin(), keys.end(), [this](auto key) { return Has(key); });
  }
  [[nodiscard]] std::string_view Text(std::string_view key) const {
    const Member* member = Find(key);
    return member == nullptr ? std::string_view() : member->text;
  }
  [[nodiscard]] const std::vector<std::string>& keys() const { return order_; }

 private:
  std::map<std::string, Member, std::less<>> members_;
  std::vector<std::string> order_;
};

// As it may be shown: a name of a key, a category or a table. Others are left out.
std::string Shown(std::string_view name) {
  const bool fine = !name.empty() && name.size() <= kNameBytesMax &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      const char lower = LowerAsciiOf(c);
                      return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
                             std::string_view(" _-.:/@$").find(c) != std::string_view::npos;
                    });
  return fine ? " '" + std::string(name) + "'" : std::string();
}

bool StartsWithoutCase(std::string_view text, std::string_view start) {
  return EqualsWithoutCase(text.substr(0, start.size()), start);
}

bool IsAmong(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [text](auto name) { return EqualsWithoutCase(text, name); });
}

bool HoldsJson(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text.starts_with('{') || text.starts_with('[');
}

// What a shipper wrapped: the text itself; empty: none. As the parser does it (SPEC 3.1).
std::string_view WrappedText(const JsonView& view, const Members& record, std::string* holder) {
  if (record.HasAny({"properties", "time", "category", "createdDateTime", "activityDateTime",
                     "TimeGenerated"})) {
    return {};
  }
  if (record.Has("message")) {
    const std::string_view text = record.Text("message");
    return HoldsJson(text) ? text : std::string_view();
  }
  const Member* event = record.Find("event");
  if (event == nullptr || !event->is_object) return {};
  *holder = std::string(Members(view, event->value).Text("original"));
  return HoldsJson(*holder) ? std::string_view(*holder) : std::string_view();
}

MessageShape LogAnalytics(const Members& record) {
  constexpr const char* kTables =
      "SigninLogs, AADNonInteractiveUserSignInLogs, ADFSSignInLogs, AuditLogs and "
      "AADUserRiskEvents";
  if (record.Text("Type").empty()) {
    return {"rows of a Log Analytics workspace without their column Type",
            "keep that column in the query or the export: it says which table a row is of"};
  }
  const std::string name =
      "rows of a Log Analytics workspace, of the table" + Shown(record.Text("Type"));
  if (IsAmong(record.Text("Type"), {"SigninLogs", "AADNonInteractiveUserSignInLogs",
                                    "ADFSSignInLogs", "AuditLogs", "AADUserRiskEvents"})) {
    return {name, "look at why they are rejected: the dead letters say it"};
  }
  return {name, std::string("export the tables ") + kTables};
}

// Of a record with a category and the time of Azure's resource logs.
MessageShape AzureLog(const Members& record) {
  const std::string_view category = record.Text("category");
  const std::string_view resource = record.Text("resourceId");
  if (StartsWithoutCase(category, "AdvancedHunting-")) {
    return {"the stream of Microsoft Defender XDR, category" + Shown(category), kEntraAdvice};
  }
  if (IsAmong(category,
              {"Administrative", "Alert", "Autoscale", "Policy", "Recommendation", "ResourceHealth",
               "Security", "ServiceHealth", "Write", "Action", "Delete"}) &&
      StartsWithoutCase(resource, "/subscriptions/")) {
    return {"the Azure activity log, which a subscription exports", kEntraAdvice};
  }
  if (StartsWithoutCase(resource, "/subscriptions/")) {
    return {"the log of an Azure resource, category" + Shown(category), kEntraAdvice};
  }
  return {
      "records of Entra of another category," + Shown(category) + " for example",
      "add SignInLogs, NonInteractiveUserSignInLogs and AuditLogs to the diagnostic setting, or "
      "take this topic out of kafka.topics"};
}

MessageShape ShapeOfRecord(const JsonView& view, const Members& record, bool unwrap, int depth) {
  if (record.Has("TimeGenerated")) return LogAnalytics(record);
  std::string holder;
  if (const auto wrapped = WrappedText(view, record, &holder); !wrapped.empty()) {
    if (!unwrap) return {"records wrapped by a shipper", "set input.unwrap: true"};
    if (depth == 0) {
      return {"records wrapped twice by shippers", "have one of them send messages as they come"};
    }
    StructuralIndex index;
    index.Build(wrapped.substr(0, kShapeBytes));
    const JsonView inner(wrapped.substr(0, kShapeBytes), index);
    if (inner.count > 0 && inner.At(0) == '{') {
      return ShapeOfRecord(inner, Members(inner, 0), unwrap, depth - 1);
    }
  }
  if (record.Has("category") && record.HasAny({"time", "properties", "resourceId"})) {
    return AzureLog(record);
  }
  if (record.HasAny({"CreationTime"}) && record.Has("Workload") && record.Has("Operation")) {
    return {"the unified audit log of Microsoft 365", kEntraAdvice};
  }
  if (record.Has("@timestamp")) {
    return {"documents of Elastic or Logstash",
            "send the records as the event hub has them, or keep them whole in `message` or "
            "`event.original` and set input.unwrap: true"};
  }
  if (record.Has("sourcetype") || (record.Has("event") && record.Has("host"))) {
    return {"events of Splunk's collector", "send the records as the event hub has them"};
  }
  if (record.Has("specversion") || (record.Has("eventType") && record.Has("eventTime"))) {
    return {"events of Event Grid", kEntraAdvice};
  }
  if (record.HasAny({"createdDateTime", "activityDateTime"})) {
    return {"records from Graph", "set input.default_tenant to the tenant they are of"};
  }
  std::string keys;
  for (const std::string& key : record.keys()) {
    const std::string shown = Shown(key);
    if (shown.empty()) continue;
    keys += (keys.empty() ? " with the keys" : ",") + shown;
    if (std::count(keys.begin(), keys.end(), '\'') >= static_cast<int64_t>(2 * kKeysShown)) break;
  }
  return {"JSON of another kind" + keys, kEntraAdvice};
}

// The first record's place; kBroken: there is none.
uint32_t FirstRecord(const JsonView& view) {
  if (view.count == 0) return kBroken;
  uint32_t array = view.At(0) == '[' ? 0 : kBroken;
  if (view.At(0) == '{') {
    const Members root(view, 0);
    for (const char* key : {"records", "value"}) {
      const Member* member = root.Find(key);
      if (member == nullptr || view.At(member->value) != '[') continue;
      array = member->value;
      break;
    }
    if (array == kBroken) return 0;
  }
  if (array == kBroken || array + 1 >= view.count) return kBroken;
  return view.At(array + 1) == '{' ? array + 1 : kBroken;
}

}  // namespace

MessageShape RecogniseShape(std::string_view message, bool unwrap) {
  message = message.substr(0, kShapeBytes);
  if (const files::ForeignFormat format = files::RecogniseForeignFormat(message);
      format != files::ForeignFormat::kNone) {
    return {files::ForeignFormatName(format), files::ForeignFormatAdvice(format)};
  }
  if (message.starts_with(kByteOrderMark)) message.remove_prefix(kByteOrderMark.size());
  StructuralIndex index;
  index.Build(message);
  const JsonView view(message, index);
  const uint32_t record = FirstRecord(view);
  if (record != kBroken) return ShapeOfRecord(view, Members(view, record), unwrap, 1);
  if (view.count > 0 && view.At(0) == '[') {
    return {"a list that holds no records", kEntraAdvice};
  }
  if (message.find('\0') != std::string_view::npos) return {"binary data", kEntraAdvice};
  return {"text that is no JSON", kEntraAdvice};
}

}  // namespace signinwatch::shape
