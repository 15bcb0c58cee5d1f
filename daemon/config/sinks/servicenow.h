// Sinks of type `servicenow`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_SERVICENOW_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_SERVICENOW_H_

#include <map>
#include <string>

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType ServiceNowSinkType() {
  SinkType type{
      .name = "servicenow",
      .what = "incidents in ServiceNow",
      .options = {MustBeGiven(Setting<std::string>("url", FormKind{TextForm::kUrl}, {},
                                                   "URL of the instance."),
                              "https://contoso.service-now.com"),
                  MustBeGiven(Setting<std::string>("username", TextKind{}, {},
                                                   "User with the right to read and write "
                                                   "incidents (role itil or sn_incident_write)."),
                              "signinwatch"),
                  MustBeGiven(
                      Setting<SecretRef>("password", SecretKind{}, {}, "Password of `username`."),
                      "file:/etc/signinwatch/servicenow-password"),
                  Setting<std::string>(
                      "table", FormKind{TextForm::kName}, "incident",
                      "Table to write to; it must have the columns and states of `incident`."),
                  Setting<std::string>(
                      "close_code", TextKind{}, "Solution provided",
                      "Resolution code of resolved incidents; it must exist in the instance."),
                  Setting<int64_t>("short_description_max", IntegerKind{40, 8'000}, 160,
                                   "Length of the column short_description, in characters. What is "
                                   "longer is cut before it is sent."),
                  Setting<int64_t>("description_max", IntegerKind{500, 65'000}, 4'000,
                                   "Length of the column description, in characters."),
                  Unset(Setting<std::map<std::string, std::string>>(
                            "fields", FieldsKind{.texts = true}, {},
                            "More fields to set when an incident is created, by column name. "
                            "Updates leave them alone."),
                        "{assignment_group: 287ebd7da9fe198100f92cc8d1d2154e}")},
      .url = "url"};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_SERVICENOW_H_
