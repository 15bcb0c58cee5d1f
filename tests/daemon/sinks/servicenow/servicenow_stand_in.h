// An instance of ServiceNow in memory: its Table API for incidents, as strict as the real one and
// stricter, and lenient where that one is: an invalid part of a query is ignored.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_SERVICENOW_SERVICENOW_STAND_IN_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_SERVICENOW_SERVICENOW_STAND_IN_H_

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/json/json_value.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/cut_text.h"
#include "tests/daemon/sinks/call_faults.h"
#include "tests/daemon/sinks/stand_in.h"

namespace signinwatch::sinks {

struct Incident {
  std::map<std::string, std::string> columns;
  std::vector<std::string> journal;  // work notes, the oldest first
  bool gone = false;
  std::string& operator[](const std::string& name) { return columns[name]; }
};

class ServiceNowStandIn : public HttpStandIn {
 public:
  std::vector<Incident> incidents;
  CallFaults faults;
  std::vector<std::string> requests;  // "PATCH {...}"
  std::string password = "pa55";
  bool sleeps = false;
  bool knows_correlation_id = true;  // else that part of a query is invalid

  [[nodiscard]] config::SinkConfig Config() const override {
    config::SinkConfig config;
    config.type = "servicenow";
    config.settings["url"] = std::string("https://contoso.example/");
    config.settings["username"] = std::string("signinwatch");
    config.settings["password"] = TestSecret("SERVICENOW_TEST_PASSWORD", "pa55");
    config.settings["fields"] =
        std::map<std::string, std::string>{{"assignment_group", R"("soc")"}};
    config.settings["rate_per_minute"] = int64_t{0};
    return config;
  }
  [[nodiscard]] OwnAnswers own_answers() const override {
    return {.refused = Error(403, "Data Policy Exception: of ada@contoso.example")};
  }
  [[nodiscard]] std::vector<ThereTicket> Tickets() const override {
    std::vector<ThereTicket> tickets;
    for (Incident incident : incidents) {
      std::string text = incident["short_description"] + "\n" + incident["description"] + "\n" +
                         incident["close_notes"];
      for (const std::string& note : incident.journal) text += "\n" + note;
      tickets.push_back({incident["correlation_id"], incident["state"] < "6", text});
    }
    return tickets;
  }
  void PersonCloses() override { incidents.back()["state"] = "7"; }
  void PersonReopens() override { incidents.back()["state"] = "2"; }

  absl::StatusOr<http_client::HttpResponse> Answer(const http_client::HttpCall& call) override {
    return faults.Apply(call, [&] { return Do(call); });
  }

 private:
  static constexpr std::string_view kTable = "https://contoso.example/api/now/table/incident";

  static http_client::HttpResponse Error(int status, const std::string& message) {
    return {status, absl::StrCat(R"({"error":{"message":")", message, R"("},"status":"failure"})"),
            ""};
  }

  static std::string Decoded(const std::string& text) {
    std::string decoded;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%') {
        decoded += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        decoded += text[i];
      }
    }
    return decoded;
  }

  http_client::HttpResponse Do(const http_client::HttpCall& call) {
    const std::map<std::string, std::string> headers(call.headers.begin(), call.headers.end());
    const auto header = [&](const char* name) {
      const auto found = headers.find(name);
      return found == headers.end() ? "" : found->second;
    };
    if (header("Accept") != "application/json" || header("Content-Type") != "application/json") {
      return Error(400, "media type");
    }
    if (header("Authorization") !=
        absl::StrCat("Basic ", absl::Base64Escape("signinwatch:" + password))) {
      return Error(401, "User Not Authenticated");
    }
    if (sleeps) return {200, "<html>Your instance is hibernating</html>", ""};
    if (!call.url.starts_with(kTable)) return Error(400, "Invalid table");
    std::string rest = call.url.substr(kTable.size());
    std::map<std::string, std::string> query;
    if (const size_t mark = rest.find('?'); mark != std::string::npos) {
      for (const auto& part : absl::StrSplit(rest.substr(mark + 1), '&')) {
        const std::string pair(part);
        const size_t equals = pair.find('=');
        query[pair.substr(0, equals)] = Decoded(pair.substr(equals + 1));
      }
      rest.resize(mark);
    }
    requests.push_back(absl::StrCat(call.method, " ", call.body));
    if (rest.empty() && call.method == "POST") return Insert(call.body);
    if (rest.empty() && call.method == "GET") return List(query);
    const auto found = std::find_if(incidents.begin(), incidents.end(), [&](Incident& incident) {
      return "/" + incident["sys_id"] == rest && !incident.gone;
    });
    if (found == incidents.end()) return Error(404, "No Record found");
    if (call.method == "GET")
      return {200, absl::StrCat(R"({"result":)", Row(*found, query), "}"), ""};
    if (call.method == "PATCH") return Patch(call.body, &*found);
    return Error(405, "Method Not Allowed");
  }

  std::string Row(const Incident& incident, const std::map<std::string, std::string>& query) {
    std::string text;
    json::JsonWriter json(&text);
    json.Open('{');
    for (const auto& field : absl::StrSplit(query.at("sysparm_fields"), ',')) {
      const std::string name(field);
      if (name == "work_notes") {
        std::string journal;
        for (const std::string& note : incident.journal) {
          journal = "2026-11-24 09:00:00 - signinwatch (Work notes)\n" + note + "\n\n" + journal;
        }
        json.Member(name, query.contains("sysparm_display_value") ? journal : std::string());
      } else {
        const auto column = incident.columns.find(name);
        json.Member(name, column == incident.columns.end() ? std::string() : column->second);
      }
    }
    json.Close('}');
    return text;
  }

  http_client::HttpResponse List(const std::map<std::string, std::string>& query) {
    std::string rows;
    for (Incident& incident : incidents) {
      bool fits = !incident.gone;
      for (const auto& part : absl::StrSplit(query.at("sysparm_query"), '^')) {
        const std::string condition(part);
        constexpr std::string_view kKey = "correlation_id=";
        if (knows_correlation_id && condition.starts_with(kKey)) {
          fits = fits && incident["correlation_id"] == condition.substr(kKey.size());
        }
      }
      if (fits) absl::StrAppend(&rows, rows.empty() ? "" : ",", Row(incident, query));
    }
    return {200, absl::StrCat(R"({"result":[)", rows, "]}"), ""};
  }

  // What a body sets; an error otherwise.
  static http_client::HttpResponse ReadBody(const std::string& body, Incident* incident) {
    static const std::set<std::string> kColumns{"short_description",
                                                "description",
                                                "correlation_id",
                                                "correlation_display",
                                                "impact",
                                                "urgency",
                                                "state",
                                                "close_code",
                                                "close_notes",
                                                "work_notes",
                                                "assignment_group",
                                                "parent_incident"};
    const json::JsonDocument document(body);
    if (!document.root().IsObject()) return Error(400, "Exception while reading request");
    std::set<std::string> names;
    for (const auto& [name, value] : document.root().Members()) {
      const bool is_text = !value.IsNumber() && !value.IsObject() && !value.IsArray();
      if (!kColumns.contains(name) || !is_text || !names.insert(name).second) {
        return Error(400, "column");
      }
      const std::string text = value.Text();
      if (name == "work_notes") {
        if (text.find("[code]") != std::string::npos) return Error(400, "HTML in the journal");
        incident->journal.push_back(text);
      } else {
        (*incident)[name] = text;
      }
    }
    if (CharacterCount((*incident)["short_description"]) > 160 ||
        CharacterCount((*incident)["description"]) > 4'000 ||
        CharacterCount((*incident)["close_notes"]) > 4'000) {
      return Error(400, "too long");
    }
    return {200, "", ""};
  }

  http_client::HttpResponse Insert(const std::string& body) {
    Incident incident;
    if (http_client::HttpResponse error = ReadBody(body, &incident); error.status != 200)
      return error;
    if (incident["correlation_id"].empty()) return Error(400, "no key");
    const size_t number = incidents.size() + 1;
    incident["sys_id"] = absl::StrCat("0123456789abcdef0123456789abcd", 10 + number);
    incident["number"] = absl::StrCat("INC00100", 10 + number);
    incident["sys_created_on"] = absl::StrCat("2026-11-24 09:00:", 10 + number);
    incident["state"] = "1";
    incidents.push_back(incident);
    return Result(201, incidents.back());
  }

  http_client::HttpResponse Patch(const std::string& body, Incident* incident) {
    if ((*incident)["state"] == "7" || (*incident)["state"] == "8") {
      return Error(403, "Operation Failed: it is closed");
    }
    Incident changed = *incident;
    if (http_client::HttpResponse error = ReadBody(body, &changed); error.status != 200)
      return error;
    if (changed["state"] == "6" &&
        (changed["close_code"] != "Solution provided" || changed["close_notes"].empty())) {
      return Error(403, "Data Policy Exception: close_code of ada@contoso.example");
    }
    *incident = changed;
    return Result(200, *incident);
  }

  static http_client::HttpResponse Result(int status, Incident& incident) {
    return {status,
            absl::StrCat(R"({"result":{"sys_id":")", incident["sys_id"], R"(","number":")",
                         incident["number"], R"(","state":")", incident["state"], R"("}})"),
            ""};
  }
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_SERVICENOW_SERVICENOW_STAND_IN_H_
