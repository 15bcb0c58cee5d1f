// Sinks of type `jira`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_JIRA_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_JIRA_H_

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType JiraSinkType() {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  SinkType type{
      .name = "jira",
      .what = "issues in Jira",
      .options =
          {MustBeGiven(Setting<std::string>("url", FormKind{TextForm::kUrl}, {},
                                            "URL of the site, Cloud or Data Center, without "
                                            "`/rest`."),
                       "https://contoso.atlassian.net"),
           Setting<std::string>(
               "api", ChoiceKind{{"auto", "cloud", "datacenter"}}, "auto",
               "Which API to use; `auto` means Cloud at `*.atlassian.net`, Data Center elsewhere."),
           Unset(Setting<std::string>(
                     "username", TextKind{}, {},
                     "Owner of the token: on Cloud, the account's mail address. If not set, the "
                     "token is sent as a Bearer token (personal access tokens of Data Center)."),
                 "signinwatch@contoso.com"),
           MustBeGiven(Setting<SecretRef>("token", SecretKind{}, {},
                                          "API token, personal access token or password."),
                       "file:/etc/signinwatch/jira-token"),
           MustBeGiven(Setting<std::string>("project", TextKind{}, {}, "Key of the project."),
                       "SOC"),
           Setting<std::string>("issue_type", TextKind{}, "Task", "Issue type, by name."),
           Setting<std::string>(
               "resolve_transition", TextKind{}, "Done",
               "Transition that closes an issue, by name or id. It must not require any field."),
           Setting<std::string>("reopen_transition", TextKind{}, "Reopen",
                                "Transition that reopens a closed issue, by name or id."),
           Setting<std::vector<std::string>>("wont_fix", PrefixesKind{}, {"Won't Do"},
                                             "Resolutions which mean that nobody will work on the "
                                             "issue. Such issues are never touched again."),
           Setting<Duration>("search_lag", DurationKind{seconds(0), hours(1)}, minutes(2),
                             "How long Cloud's search may miss a new issue. If the answer to a "
                             "creation is lost, it is repeated only after this time."),
           Unset(Setting<std::map<std::string, std::string>>(
                     "fields", FieldsKind{}, {},
                     "More fields to set when an issue is created, as in Jira's REST API. Updates "
                     "leave them alone."),
                 "{priority: {name: High}, components: [{name: Identity}]}")},
      .url = "url"};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_JIRA_H_
