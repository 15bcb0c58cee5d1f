// Issues in Jira, by its REST API: version 3 of Cloud, version 2 of Data Center.
//
//   POST issue                   made, with our key as label `signinwatch-KEY`
//   POST search/jql (search)     by that label: Cloud's lags (search_lag)
//   GET  issue/KEY               read before each change
//   PUT  issue/KEY               summary and description
//   GET, POST issue/KEY/transitions
//   GET, POST issue/KEY/comment
//
// - Whether an issue is closed is said by the category of its status, `done`, since the names are
//   anybody's. A resolution of `wont_fix` is a person's in any case.
// - The label is set when the issue is made, and never again: a person may take it away. What is
//   found by it is used only if it has exactly that label.
// - Where a person has taken over the description, comments alone tell what is new.
// - 429 with RateLimit-Reason `jira-per-issue-on-write` is about that issue alone.
//
// The handle's id is the issue's key (SOC-17).
#ifndef SIGNINWATCH_DAEMON_SINKS_JIRA_JIRA_SYSTEM_H_
#define SIGNINWATCH_DAEMON_SINKS_JIRA_JIRA_SYSTEM_H_

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/json/json_value.h"
#include "daemon/sinks/jira/jira_texts.h"
#include "daemon/sinks/json_http.h"
#include "daemon/sinks/sink_parts.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

// Whether `api` (auto, cloud, datacenter) means Cloud.
[[nodiscard]] bool IsJiraCloud(const std::string& api, const std::string& url);

class JiraSystem : public TicketSystem {
 public:
  JiraSystem(const config::SinkConfig& config, const SinkParts& parts);
  [[nodiscard]] absl::Status Check() const { return http_.Check(); }

  [[nodiscard]] SystemTraits traits() const override;
  [[nodiscard]] Answer Ready() override;
  [[nodiscard]] Answer Create(const Telling& telling, Made* made) override;
  [[nodiscard]] Answer Find(const Telling& telling, std::vector<Seen>* found) override;
  [[nodiscard]] Answer Read(const Known& known, Seen* seen) override;
  [[nodiscard]] RemoteFields Fields(const Telling& telling) const override;
  [[nodiscard]] Answer Update(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer Resolve(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer Reopen(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer FindNote(const Telling& telling, const RemoteHandle& handle,
                                bool* found) override;
  [[nodiscard]] Answer AddNote(const Telling& telling, const RemoteHandle& handle) override;
  [[nodiscard]] Answer CloseTwin(const Telling& telling, const RemoteHandle& twin,
                                 const RemoteHandle& stays) override;
  [[nodiscard]] Answer Ask(std::string* said) override;
  void Cancel() override { http_.Cancel(); }

 private:
  // `target`: behind "/rest/api/N/". With `member` that is of the answer once it is done.
  [[nodiscard]] Answer Call(const std::string& method, const std::string& target,
                            const std::string& body, bool names_issue, const char* member,
                            json::JsonDocument* json);
  // `to_done`: of several transitions of the name, that which leads there.
  [[nodiscard]] Answer Transit(const RemoteHandle& handle, const std::string& transition,
                               bool to_done);
  // Whether a comment of the issue has the text.
  [[nodiscard]] Answer FindComment(const RemoteHandle& handle, std::string_view text, bool* found);
  [[nodiscard]] Answer Comment(const RemoteHandle& handle, const std::string& body);
  [[nodiscard]] RemoteHandle HandleOf(const std::string& key) const;
  [[nodiscard]] Seen SeenOf(const json::JsonValue& issue, const std::string& key) const;
  // The site's labels too.
  [[nodiscard]] std::string LabelsOf(const std::string& key) const;

  const bool cloud_;
  const std::string project_;
  const std::string issue_type_;
  const std::string resolve_transition_;
  const std::string reopen_transition_;
  const std::vector<std::string> wont_fix_;
  const std::chrono::milliseconds search_lag_;
  const std::map<std::string, std::string> fields_;  // the site's own: name -> JSON
  const JiraTexts texts_;
  JsonHttp http_;
};

[[nodiscard]] TicketSinkOr MakeJiraSink(const config::SinkConfig& config, const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_JIRA_JIRA_SYSTEM_H_
