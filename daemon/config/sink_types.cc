#include "daemon/config/sink_types.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "daemon/config/sinks/alertmanager.h"
#include "daemon/config/sinks/file.h"
#include "daemon/config/sinks/jira.h"
#include "daemon/config/sinks/kafka.h"
#include "daemon/config/sinks/pagerduty.h"
#include "daemon/config/sinks/servicenow.h"
#include "daemon/config/sinks/slack.h"
#include "daemon/config/sinks/smtp.h"
#include "daemon/config/sinks/stdout.h"
#include "daemon/config/sinks/syslog.h"
#include "daemon/config/sinks/teams.h"
#include "daemon/config/sinks/thehive.h"
#include "daemon/config/sinks/webhook.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {
namespace {

// "Kind of sink: JSON lines in a file, messages to a topic, ..."
std::string TypeHelp() {
  std::string help = "Kind of sink: ";
  for (const SinkType& type : SinkTypes()) {
    if (&type != &SinkTypes().front()) help += &type == &SinkTypes().back() ? " or " : ", ";
    help += type.what;
  }
  return help + ".";
}

std::vector<Option<SinkConfig>> OptionsOfAll() {
  return {
      MustBeGiven(StoredIn("name", FormKind{TextForm::kName}, &SinkConfig::name,
                           "Names the sink in metrics, in logs and in the store; each name once."),
                  "tickets"),
      MustBeGiven(StoredIn("type", ChoiceKind{SinkTypeNames()}, &SinkConfig::type, TypeHelp()),
                  SinkTypes().front().name),
      StoredIn("roll_up", YesNoKind{}, &SinkConfig::roll_up,
               "Leave out tickets of users that are part of a tenant's ticket, unless they are "
               "critical."),
      ChoiceIn("min_severity",
               {{"info", Severity::kInfo},
                {"low", Severity::kLow},
                {"medium", Severity::kMedium},
                {"high", Severity::kHigh},
                {"critical", Severity::kCritical}},
               &SinkConfig::min_severity,
               "Leave out tickets below this severity. One that ever reached it is sent from "
               "then on to its end."),
      StoredIn("tenants", PrefixesKind{}, &SinkConfig::tenants,
               "Ids of the tenants whose tickets are sent; all if empty.")};
}

bool IsTheSame(const Option<SinkConfig>& a, const Option<SinkConfig>& b) {
  const SinkConfig defaults;
  return a.key == b.key && a.help == b.help && AllowedText(a.kind) == AllowedText(b.kind) &&
         a.default_text == b.default_text && a.example == b.example &&
         ValueText(a.kind, a.get(defaults)) == ValueText(b.kind, b.get(defaults));
}

std::vector<Option<SinkConfig>> MakeSinkOptions() {
  std::vector<Option<SinkConfig>> of_types;
  for (const SinkType& type : SinkTypes()) {
    for (const Option<SinkConfig>& option : type.options) {
      auto same = std::find_if(of_types.begin(), of_types.end(),
                               [&](const auto& other) { return IsTheSame(option, other); });
      if (same == of_types.end()) same = of_types.insert(same, option);
      same->types.push_back(type.name);
    }
  }
  std::stable_partition(of_types.begin(), of_types.end(),
                        [](const auto& option) { return option.types.size() == 1; });
  std::vector<Option<SinkConfig>> options = OptionsOfAll();
  Append(&options, std::move(of_types));
  return options;
}

// nullptr: the type has none.
const Option<SinkConfig>* FindOption(std::string_view type, std::string_view key) {
  const auto found = std::find_if(
      SinkOptions().begin(), SinkOptions().end(),
      [&](const auto& option) { return option.key == key && IsForType(option, type); });
  return found == SinkOptions().end() ? nullptr : &*found;
}

}  // namespace

const std::vector<SinkType>& SinkTypes() {
  static const std::vector<SinkType> types{
      FileSinkType(),  // a line each, so that a type is one line more
      KafkaSinkType(),  WebhookSinkType(),      StdoutSinkType(),     PagerDutySinkType(),
      SlackSinkType(),  TeamsSinkType(),        ServiceNowSinkType(), JiraSinkType(),
      SyslogSinkType(), AlertmanagerSinkType(), SmtpSinkType(),       TheHiveSinkType(),
  };
  return types;
}

const SinkType& SinkTypeOf(std::string_view name) {
  const auto found = std::find_if(SinkTypes().begin(), SinkTypes().end(),
                                  [name](const SinkType& type) { return type.name == name; });
  if (found == SinkTypes().end()) std::abort();
  return *found;
}

std::vector<std::string> SinkTypeNames() {
  std::vector<std::string> names;
  for (const SinkType& type : SinkTypes()) names.push_back(type.name);
  return names;
}

const std::vector<Option<SinkConfig>>& SinkOptions() {
  static const std::vector<Option<SinkConfig>> options = MakeSinkOptions();
  return options;
}

bool IsForType(const Option<SinkConfig>& option, std::string_view type) {
  return option.types.empty() ||
         std::find(option.types.begin(), option.types.end(), type) != option.types.end();
}

std::vector<Option<SinkConfig>> SinkOptionsFor(std::string_view type) {
  std::set<std::string> keys;
  for (const Option<SinkConfig>& option : SinkOptions()) {
    if (IsForType(option, type)) keys.insert(option.key);
  }
  std::vector<Option<SinkConfig>> options;
  for (const Option<SinkConfig>& option : SinkOptions()) {
    if (IsForType(option, type) || keys.insert(option.key).second) options.push_back(option);
  }
  return options;
}

bool HasSetting(const SinkConfig& sink, std::string_view key) {
  return FindOption(sink.type, key) != nullptr;
}

OptionValue SettingValue(const SinkConfig& sink, std::string_view key) {
  const Option<SinkConfig>* option = FindOption(sink.type, key);
  // Who asks for a key that its type has not has a bug.
  if (option == nullptr) std::abort();
  return option->get(sink);
}

}  // namespace signinwatch::config
