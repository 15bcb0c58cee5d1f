// A Jira in memory, Cloud or Data Center: strict with what it is sent, and its search lags.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_JIRA_JIRA_STAND_IN_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_JIRA_JIRA_STAND_IN_H_

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/clock/clock.h"
#include "daemon/json/json_value.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/cut_text.h"
#include "daemon/sinks/jira/jira_texts.h"
#include "tests/daemon/sinks/call_faults.h"
#include "tests/daemon/sinks/stand_in.h"

namespace signinwatch::sinks {

struct JiraIssue {
  std::string key;
  std::string summary;
  std::string description;  // JSON
  std::vector<std::string> labels;
  std::vector<std::string> comments;  // JSON
  std::string key_of_ours = {};       // by the label that it was made with
  std::string priority = {};
  std::string resolution = {};
  bool done = false;
  bool gone = false;
  clock::SteadyTime found_from = {};

  [[nodiscard]] std::string Description() const { return JiraTexts::PlainOf(description); }
  [[nodiscard]] std::string Comment(size_t at) const { return JiraTexts::PlainOf(comments.at(at)); }
};

class JiraStandIn : public HttpStandIn {
 public:
  JiraStandIn(bool cloud, const clock::Clock& clock) : cloud_(cloud), clock_(clock) {}

  std::vector<JiraIssue> issues;
  std::vector<std::string> requests;  // "PUT issue/SOC-1"
  CallFaults faults;
  std::string authorization = "Bearer t0ken";
  std::chrono::milliseconds lag{0};
  bool searches_by_label = true;  // else it finds whatever is there
  std::string refuses = {};       // a method
  bool slows_writes_of_issue = false;

  [[nodiscard]] config::SinkConfig Config() const override {
    config::SinkConfig config;
    config.type = "jira";
    config.settings["url"] =
        std::string(cloud_ ? "https://contoso.atlassian.net" : "https://jira.contoso.example/");
    config.settings["token"] = TestSecret("JIRA_TEST_TOKEN", "t0ken");
    config.settings["project"] = std::string("SOC");
    config.settings["rate_per_minute"] = int64_t{0};
    config.settings["fields"] = std::map<std::string, std::string>{
        {"priority", R"({"name":"High"})"}, {"labels", R"(["identity"])"}};
    return config;
  }
  [[nodiscard]] std::vector<ThereTicket> Tickets() const override {
    std::vector<ThereTicket> tickets;
    for (const JiraIssue& issue : issues) {
      std::string text = issue.summary + "\n" + issue.Description();
      for (size_t i = 0; i < issue.comments.size(); ++i) text += "\n" + issue.Comment(i);
      tickets.push_back({issue.key_of_ours, !issue.done, text});
    }
    return tickets;
  }
  void PersonCloses() override { issues.back().done = true; }
  void PersonReopens() override { issues.back().done = false; }

  absl::StatusOr<http_client::HttpResponse> Answer(const http_client::HttpCall& call) override {
    return faults.Apply(call, [&] { return Do(call); });
  }

 private:
  static http_client::HttpResponse Error(int status, const std::string& message) {
    return {status, absl::StrCat(R"({"errorMessages":[")", message, R"("],"errors":{}})"), ""};
  }

  [[nodiscard]] std::string Base() const {
    return cloud_ ? "https://contoso.atlassian.net/rest/api/3/"
                  : "https://jira.contoso.example/rest/api/2/";
  }

  http_client::HttpResponse Do(const http_client::HttpCall& call) {
    const std::map<std::string, std::string> headers(call.headers.begin(), call.headers.end());
    if (headers.at("Authorization") != authorization) return Error(401, "log in");
    if (headers.at("Accept-Language") != "en") return Error(400, "names are localised");
    if (!call.url.starts_with(Base())) return Error(404, "no such API");
    std::string target = call.url.substr(Base().size());
    target = target.substr(0, target.find('?'));
    requests.push_back(call.method + " " + target);
    if (call.method == refuses) return Error(400, "customfield of ada@contoso.example");
    const json::JsonDocument body(call.body);
    if (call.method != "GET" && !body.root().IsObject()) return Error(400, "no JSON");
    if (target == "issue" && call.method == "POST") return Create(body.root());
    if (target == (cloud_ ? "search/jql" : "search") && call.method == "POST") {
      return Search(body.root()["jql"].Text());
    }
    for (JiraIssue& issue : issues) {
      const std::string path = "issue/" + issue.key;
      if (issue.gone || !target.starts_with(path)) continue;
      const std::string rest = target.substr(path.size());
      if (rest.empty() || rest[0] == '/') return OfIssue(call.method, rest, body.root(), &issue);
    }
    return Error(404, "Issue does not exist or you do not have permission to see it.");
  }

  // As Atlassian's schema has it, as far as it goes.
  static bool IsNode(const json::JsonValue& node) {
    const std::string type = node["type"].Text();
    if (type == "text") return !node["text"].Text().empty() && !node["content"].IsArray();
    if (type == "hardBreak") return true;
    static const std::set<std::string> kBlocks{"doc", "paragraph", "bulletList", "orderedList",
                                               "listItem"};
    if (!kBlocks.contains(type) || !node["content"].IsArray()) return false;
    const auto content = node["content"].Elements();
    if (type != "paragraph" && content.empty()) return false;
    return std::all_of(content.begin(), content.end(), &IsNode);
  }

  // *json: the value as it came.
  [[nodiscard]] bool IsBody(const json::JsonValue& value, std::string* json) const {
    json->clear();
    if (!cloud_) {
      json::AppendJsonString(value.Text(), json);
      return !value.Text().empty() && CharacterCount(value.Text()) <= kJiraTextMax;
    }
    Write(value, json);
    return value["type"].Text() == "doc" && value["version"].Integer() == 1 && IsNode(value) &&
           CharacterCount(*json) <= kJiraTextMax;
  }

  static void Write(const json::JsonValue& value, std::string* json) {
    json::JsonWriter writer(json);
    WriteTo(value, &writer);
  }
  static void WriteTo(const json::JsonValue& value, json::JsonWriter* writer) {
    if (value.IsObject()) {
      writer->Open('{');
      for (const auto& [name, member] : value.Members()) {
        writer->Key(name);
        WriteTo(member, writer);
      }
      writer->Close('}');
    } else if (value.IsArray()) {
      writer->Open('[');
      for (const json::JsonValue& element : value.Elements()) WriteTo(element, writer);
      writer->Close(']');
    } else if (value.IsNumber()) {
      writer->Number(value.Integer());
    } else {
      writer->String(value.Text());
    }
  }

  http_client::HttpResponse Set(const json::JsonValue& fields, bool is_new, JiraIssue* issue) {
    for (const auto& [name, value] : fields.Members()) {
      if (name == "summary") {
        issue->summary = value.Text();
        if (issue->summary.empty() || CharacterCount(issue->summary) > 255 ||
            issue->summary.find('\n') != std::string::npos) {
          return Error(400, "summary");
        }
      } else if (name == "description") {
        if (!IsBody(value, &issue->description)) return Error(400, "description");
      } else if (is_new && name == "labels") {
        for (const json::JsonValue& label : value.Elements()) {
          if (label.Text().find(' ') != std::string::npos) return Error(400, "labels");
          issue->labels.push_back(label.Text());
          constexpr std::string_view kOurs = "signinwatch-";
          if (label.Text().starts_with(kOurs))
            issue->key_of_ours = label.Text().substr(kOurs.size());
        }
      } else if (is_new && name == "project") {
        if (value["key"].Text() != "SOC") return Error(400, "project");
      } else if (is_new && name == "issuetype") {
        if (value["name"].Text() != "Task") return Error(400, "issuetype");
      } else if (is_new && name == "priority") {
        issue->priority = value["name"].Text();
      } else {
        return Error(400, name + " is not on the screen");
      }
    }
    return {204, "", ""};
  }

  http_client::HttpResponse Create(const json::JsonValue& body) {
    JiraIssue issue;
    issue.key = absl::StrCat("SOC-", 9 + issues.size());
    if (http_client::HttpResponse error = Set(body["fields"], true, &issue); error.status != 204)
      return error;
    if (issue.summary.empty() || issue.description.empty()) return Error(400, "required");
    issue.found_from = clock_.Steady() + lag;
    issues.push_back(issue);
    return {201, absl::StrCat(R"({"id":"10009","key":")", issue.key, R"(","self":"x"})"), ""};
  }

  http_client::HttpResponse Search(const std::string& jql) {
    std::string found;
    // The highest first.
    for (auto issue = issues.rbegin(); issue != issues.rend(); ++issue) {
      if (issue->gone || issue->found_from > clock_.Steady()) continue;
      const bool fits =
          std::any_of(issue->labels.begin(), issue->labels.end(), [&jql](const std::string& label) {
            return jql == absl::StrCat(R"(project="SOC" and labels=")", label, "\"");
          });
      if (fits || !searches_by_label)
        absl::StrAppend(&found, found.empty() ? "" : ",", Json(*issue));
    }
    return {200, absl::StrCat(R"({"issues":[)", found, "]}"), ""};
  }

  static std::string Json(const JiraIssue& issue) {
    std::string text;
    json::JsonWriter json(&text);
    json.Open('{');
    json.Member("key", issue.key);
    json.Key("fields");
    json.Open('{');
    json.Member("summary", issue.summary);
    json.Key("description");
    json.Raw(issue.description);
    json.Texts("labels", issue.labels);
    json.Key("resolution");
    json.Raw(issue.resolution.empty() ? "null"
                                      : absl::StrCat(R"({"name":")", issue.resolution, "\"}"));
    json.Key("status");
    // The name says nothing.
    json.Raw(absl::StrCat(R"({"name":"Fertig","statusCategory":{"key":")",
                          issue.done ? "done" : "indeterminate", "\"}}"));
    json.Close('}');
    json.Close('}');
    return text;
  }

  http_client::HttpResponse OfIssue(const std::string& method, const std::string& rest,
                                    const json::JsonValue& body, JiraIssue* issue) {
    if (method != "GET" && slows_writes_of_issue) {
      slows_writes_of_issue = false;
      return {.status = 429,
              .body = "",
              .retry_after = "7",
              .headers = {{"ratelimit-reason", "jira-per-issue-on-write"}}};
    }
    if (method == "GET" && rest.empty()) return {200, Json(*issue), ""};
    if (method == "PUT" && rest.empty()) {
      JiraIssue changed = *issue;
      http_client::HttpResponse answer = Set(body["fields"], false, &changed);
      if (answer.status == 204) *issue = changed;
      return answer;
    }
    if (method == "GET" && rest == "/transitions") {
      return {
          200,
          issue->done
              ? R"({"transitions":[{"id":"11","name":"Reopen","to":{"statusCategory":{"key":"new"}}}]})"
              : R"({"transitions":[{"id":"21","name":"Start","to":{"statusCategory":{"key":"indeterminate"}}},)"
                R"({"id":"31","name":"Done","to":{"statusCategory":{"key":"done"}}}]})",
          ""};
    }
    if (method == "POST" && rest == "/transitions") {
      const std::string id = body["transition"]["id"].Text();
      if (id != (issue->done ? "11" : "31")) return Error(400, "transition");
      issue->done = !issue->done;
      return {204, "", ""};
    }
    if (method == "GET" && rest == "/comment") {
      std::string comments;
      for (const std::string& comment : issue->comments) {
        absl::StrAppend(&comments, comments.empty() ? "" : ",", "{\"body\":", comment, "}");
      }
      return {200, absl::StrCat(R"({"comments":[)", comments, "]}"), ""};
    }
    if (method == "POST" && rest == "/comment") {
      std::string comment;
      if (!IsBody(body["body"], &comment)) return Error(400, "body");
      issue->comments.push_back(comment);
      return {201, R"({"id":"1"})", ""};
    }
    return Error(405, "method");
  }

  const bool cloud_;
  const clock::Clock& clock_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_JIRA_JIRA_STAND_IN_H_
