#include "daemon/sinks/jira/jira_system.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/config/sink_types.h"
#include "daemon/http_client/percent_encoding.h"
#include "daemon/json/json_string.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/ticket_life.h"

namespace signinwatch::sinks {
namespace {

using Kind = Answer::Kind;

// Read, update, comments, comment, transitions, transition.
constexpr size_t kRequestsOfARevision = 6;
constexpr int kIssuesMax = 50;
constexpr std::string_view kIssue = "issue/";
constexpr const char* kLabel = "signinwatch-";
constexpr const char* kRead = "fields=summary,description,status,resolution,labels";

// Part of a path: what is no key is none.
bool IsIssueKey(const std::string& key) {
  return !key.empty() && key.size() <= 255 && std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
}

// SOC-9 is before SOC-10.
bool IsLower(const Seen& a, const Seen& b) {
  const auto number = [](const std::string& key) { return key.substr(key.rfind('-') + 1); };
  const std::string left = number(a.handle.id);
  const std::string right = number(b.handle.id);
  return left.size() != right.size() ? left.size() < right.size() : left < right;
}

// A text of JQL is written as one of JSON.
std::string Quoted(const std::string& text) {
  std::string quoted;
  json::AppendJsonString(text, &quoted);
  return quoted;
}

std::string Named(const char* key, const std::string& value) {
  std::string object;
  json::JsonWriter json(&object);
  json.Open('{');
  json.Member(key, value);
  json.Close('}');
  return object;
}

Answer NoKey() { return {.kind = Kind::kGone, .error = "no key", .reason = "client"}; }

}  // namespace

bool IsJiraCloud(const std::string& api, const std::string& url) {
  if (api != "auto") return api == "cloud";
  const size_t scheme = url.find("://");
  const size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const std::string host = url.substr(begin, url.find_first_of(":/?#", begin) - begin);
  return absl::EndsWithIgnoreCase(host, ".atlassian.net");
}

JiraSystem::JiraSystem(const config::SinkConfig& config, const SinkParts& parts)
    : cloud_(IsJiraCloud(config::SettingOf<std::string>(config, "api"),
                         config::SettingOf<std::string>(config, "url"))),
      project_(config::SettingOf<std::string>(config, "project")),
      issue_type_(config::SettingOf<std::string>(config, "issue_type")),
      resolve_transition_(config::SettingOf<std::string>(config, "resolve_transition")),
      reopen_transition_(config::SettingOf<std::string>(config, "reopen_transition")),
      wont_fix_(config::SettingOf<std::vector<std::string>>(config, "wont_fix")),
      search_lag_(std::chrono::ceil<std::chrono::milliseconds>(
          config::SettingOf<Duration>(config, "search_lag"))),
      fields_(config::SettingOf<std::map<std::string, std::string>>(config, "fields")),
      texts_(cloud_, MessageWording(config::SettingOf<std::string>(config, "title"),
                                    config::SettingOf<std::string>(config, "body"))),
      // Names of transitions are shown in the account's language otherwise.
      http_(config, parts,
            {.username = config::SettingOf<std::string>(config, "username"),
             .secret = config::SettingOf<config::SecretRef>(config, "token")},
            {{"Accept-Language", "en"}}) {}

SystemTraits JiraSystem::traits() const {
  return {.finds = true,
          .find_lag = cloud_ ? search_lag_ : std::chrono::milliseconds(0),
          .reads = true,
          .notes = true};
}

Answer JiraSystem::Ready() { return http_.Ready(kRequestsOfARevision); }

Answer JiraSystem::Call(const std::string& method, const std::string& target,
                        const std::string& body, bool names_issue, const char* member,
                        json::JsonDocument* json) {
  http_client::HttpResponse response;
  const bool wants_json = member[0] != '\0';
  // issue/KEY/..., issue/KEY?...
  const std::string issue =
      names_issue ? target.substr(0, target.find_first_of("/?", kIssue.size())) : "";
  Answer answer = http_.Send({.method = method,
                              .target = absl::StrCat("/rest/api/", cloud_ ? "3/" : "2/", target),
                              .body = body},
                             {.names_ticket = names_issue,
                              .wants_json = wants_json,
                              .wants_nothing = !wants_json,
                              .part = issue},
                             &response, json);
  if (response.status == 429) {
    const auto reason = response.headers.find("ratelimit-reason");
    const bool of_issue = reason != response.headers.end() &&
                          absl::StrContains(reason->second, "jira-per-issue-on-write");
    if (of_issue && names_issue) http_.PausePart(issue, &answer);
  }
  if (!answer.done() || !wants_json) return answer;
  const json::JsonValue value = json->root()[member];
  if (value.IsArray() || value.IsObject() || !value.Text().empty()) return answer;
  return {.kind = Kind::kUnknown,
          .error = absl::StrCat("HTTP ", response.status, " without ", member),
          .reason = "server"};
}

RemoteHandle JiraSystem::HandleOf(const std::string& key) const {
  return {.id = key, .link = absl::StrCat(http_.url(), "/browse/", key), .memo = ""};
}

Seen JiraSystem::SeenOf(const json::JsonValue& issue, const std::string& key) const {
  const json::JsonValue fields = issue["fields"];
  Seen seen{.handle = HandleOf(issue["key"].Text())};
  for (const json::JsonValue& label : fields["labels"].Elements()) {
    if (label.Text() == kLabel + key) seen.key = key;
  }
  const std::string resolution = fields["resolution"]["name"].Text();
  if (std::find(wont_fix_.begin(), wont_fix_.end(), resolution) != wont_fix_.end()) {
    seen.state = store::RemoteState::kClosedByPerson;
  } else if (fields["status"]["statusCategory"]["key"].Text() == "done") {
    seen.state = store::RemoteState::kClosed;
  }
  seen.fields["summary"] = fields["summary"].Text();
  seen.fields["description"] = JiraTexts::PlainOf(fields["description"]);
  return seen;
}

std::string JiraSystem::LabelsOf(const std::string& key) const {
  std::string labels;
  json::JsonWriter json(&labels);
  json.Open('[');
  json.String(kLabel + key);
  if (const auto more = fields_.find("labels"); more != fields_.end()) {
    const json::JsonDocument document(more->second);
    for (const json::JsonValue& label : document.root().Elements()) json.String(label.Text());
  }
  json.Close(']');
  return labels;
}

Answer JiraSystem::Create(const Telling& telling, Made* made) {
  constexpr std::array<const char*, 5> kOurs{"project", "issuetype", "summary", "description",
                                             "labels"};
  std::string body;
  json::JsonWriter json(&body);
  const auto raw = [&json](const std::string& name, const std::string& value) {
    json.Key(name);
    json.Raw(value);
  };
  json.Open('{');
  json.Key("fields");
  json.Open('{');
  raw("project", Named("key", project_));
  raw("issuetype", Named("name", issue_type_));
  json.Member("summary", texts_.Summary(telling));
  raw("description", texts_.Description(telling));
  raw("labels", LabelsOf(telling.key));
  for (const auto& [name, value] : fields_) {
    if (std::find(kOurs.begin(), kOurs.end(), name) == kOurs.end()) raw(name, value);
  }
  json.Close('}');
  json.Close('}');
  json::JsonDocument document("");
  Answer answer = Call("POST", "issue", body, false, "key", &document);
  if (!answer.done()) return answer;
  const std::string key = document.root()["key"].Text();
  if (!IsIssueKey(key)) {
    return {.kind = Kind::kUnknown, .error = "an answer without key", .reason = "server"};
  }
  made->handle = HandleOf(key);
  return {};
}

Answer JiraSystem::Find(const Telling& telling, std::vector<Seen>* found) {
  std::string body;
  json::JsonWriter json(&body);
  json.Open('{');
  json.Member("jql", absl::StrCat("project=", Quoted(project_),
                                  " and labels=", Quoted(kLabel + telling.key)));
  json.Member("maxResults", kIssuesMax);
  json.Texts("fields", {"status", "resolution", "labels"});
  json.Close('}');
  json::JsonDocument document("");
  Answer answer = Call("POST", cloud_ ? "search/jql" : "search", body, false, "issues", &document);
  if (!answer.done()) return answer;
  for (const json::JsonValue& issue : document.root()["issues"].Elements()) {
    if (IsIssueKey(issue["key"].Text())) found->push_back(SeenOf(issue, telling.key));
  }
  std::stable_sort(found->begin(), found->end(), &IsLower);
  return {};
}

Answer JiraSystem::Read(const Known& known, Seen* seen) {
  if (!IsIssueKey(known.handle.id)) return NoKey();
  json::JsonDocument document("");
  Answer answer = Call("GET", absl::StrCat("issue/", known.handle.id, "?", kRead), "", true,
                       "fields", &document);
  if (!answer.done()) return answer;
  *seen = SeenOf(document.root(), "");
  return {};
}

RemoteFields JiraSystem::Fields(const Telling& telling) const {
  if (telling.leave.contains("description")) return {};  // nothing is written: see Update
  return {{"summary", texts_.Summary(telling)},
          {"description", JiraTexts::PlainOf(texts_.Description(telling))}};
}

Answer JiraSystem::Update(const Telling& telling, RemoteHandle* handle) {
  if (!IsIssueKey(handle->id)) return NoKey();
  // A summary alone would not say of which revision it is: the comment does.
  if (telling.leave.contains("description")) return {};
  std::string body;
  json::JsonWriter json(&body);
  json.Open('{');
  json.Key("fields");
  json.Open('{');
  if (!telling.leave.contains("summary")) json.Member("summary", texts_.Summary(telling));
  json.Key("description");
  json.Raw(texts_.Description(telling));
  json.Close('}');
  json.Close('}');
  json::JsonDocument none("");
  return Call("PUT", absl::StrCat("issue/", handle->id), body, true, "", &none);
}

Answer JiraSystem::Transit(const RemoteHandle& handle, const std::string& transition,
                           bool to_done) {
  if (!IsIssueKey(handle.id)) return NoKey();
  const std::string target = absl::StrCat("issue/", handle.id, "/transitions");
  json::JsonDocument document("");
  Answer answer = Call("GET", target, "", true, "transitions", &document);
  // It changes nothing.
  if (answer.kind == Kind::kUnknown) answer.kind = Kind::kNotDone;
  if (!answer.done()) return answer;
  std::string id;
  for (const json::JsonValue& each : document.root()["transitions"].Elements()) {
    const bool fits =
        each["id"].Text() == transition || absl::EqualsIgnoreCase(each["name"].Text(), transition);
    const bool leads = (each["to"]["statusCategory"]["key"].Text() == "done") == to_done;
    if (fits && (id.empty() || leads)) id = each["id"].Text();
  }
  if (id.empty()) {
    return {.kind = Kind::kRefused,
            .error = absl::StrCat("the issue's status has no transition '", transition, "'"),
            .reason = "client"};
  }
  json::JsonDocument none("");
  return Call("POST", target, absl::StrCat("{\"transition\":", Named("id", id), "}"), true, "",
              &none);
}

Answer JiraSystem::Resolve(const Telling&, RemoteHandle* handle) {
  return Transit(*handle, resolve_transition_, true);
}

Answer JiraSystem::Reopen(const Telling&, RemoteHandle* handle) {
  return Transit(*handle, reopen_transition_, false);
}

Answer JiraSystem::FindComment(const RemoteHandle& handle, std::string_view text, bool* found) {
  if (!IsIssueKey(handle.id)) return NoKey();
  json::JsonDocument document("");
  Answer answer =
      Call("GET", absl::StrCat("issue/", handle.id, "/comment?orderBy=-created&maxResults=100"), "",
           true, "comments", &document);
  if (answer.kind == Kind::kUnknown) answer.kind = Kind::kNotDone;
  for (const json::JsonValue& comment : document.root()["comments"].Elements()) {
    *found = *found || HasReference(JiraTexts::PlainOf(comment["body"]), text);
  }
  return answer;
}

Answer JiraSystem::Comment(const RemoteHandle& handle, const std::string& body) {
  if (!IsIssueKey(handle.id)) return NoKey();
  json::JsonDocument document("");
  return Call("POST", absl::StrCat("issue/", handle.id, "/comment"),
              absl::StrCat("{\"body\":", body, "}"), true, "id", &document);
}

Answer JiraSystem::FindNote(const Telling& telling, const RemoteHandle& handle, bool* found) {
  if (telling.leave.contains("description")) {
    return FindComment(handle, telling.reference, found);
  }
  *found = true;  // the description has it
  return {};
}

Answer JiraSystem::AddNote(const Telling& telling, const RemoteHandle& handle) {
  if (!telling.leave.contains("description")) return {};
  return Comment(handle, texts_.Comment(telling));
}

Answer JiraSystem::CloseTwin(const Telling& telling, const RemoteHandle& twin,
                             const RemoteHandle& stays) {
  bool found = false;
  Answer answer = FindComment(twin, "Duplicate of " + stays.id, &found);
  if (answer.done() && !found) answer = Comment(twin, texts_.TwinComment(telling, stays.id));
  return answer.done() ? Transit(twin, resolve_transition_, true) : answer;
}

Answer JiraSystem::Ask(std::string* said) {
  json::JsonDocument json("");
  std::string field;
  http_client::AppendFormField("", project_, &field);
  Answer answer = Call("GET", absl::StrCat("project/", field.substr(1)), "", false, "key", &json);
  if (answer.done()) *said = absl::StrCat("project ", project_, " can be seen");
  return answer;
}

TicketSinkOr MakeJiraSink(const config::SinkConfig& config, const SinkParts& parts) {
  auto system = std::make_unique<JiraSystem>(config, parts);
  if (absl::Status status = system->Check(); !status.ok()) return status;
  return std::make_unique<TicketLife>(config.name, std::move(system), parts.outbox, parts.clock);
}

}  // namespace signinwatch::sinks
