// Sinks of type `servicenow`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_SERVICENOW_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_SERVICENOW_H_

#include <map>
#include <string>

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch {

[[nodiscard]] inline SinkType ServiceNowSinkType() {
  SinkType type{
      .name = "servicenow",
      .what = "incidents in ServiceNow",
      .options = {MustBeGiven(Setting<std::string>("url", FormKind{TextForm::kUrl}, {},
                                                   "URL of the instance."),
                              "https://contoso.service-now.com"),
                  MustBeGiven(Setting<std::string>("username", TextKind{}, {},
                                                   "User of the instance who may read and write "
                                                   "incidents (role itil or sn_incident_write)."),
                              "signinwatch"),
                  MustBeGiven(
                      Setting<SecretRef>("password", SecretKind{}, {}, "That user's password."),
                      "file:/etc/signinwatch/servicenow-password"),
                  Setting<std::string>("table", FormKind{TextForm::kName}, "incident",
                                       "Table of the incidents: one with the columns and states of "
                                       "`incident`."),
                  Setting<std::string>(
                      "close_code", TextKind{}, "Solution provided",
                      "Resolution code of what is resolved: one that the instance has."),
                  Unset(Setting<std::map<std::string, std::string>>(
                            "fields", FieldsKind{.texts = true}, {},
                            "Further fields of what is made, by their column names. They are never "
                            "written again."),
                        "{assignment_group: 287ebd7da9fe198100f92cc8d1d2154e}")},
      .url = "url"};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_SERVICENOW_H_
