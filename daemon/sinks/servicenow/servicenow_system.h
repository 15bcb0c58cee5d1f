// Incidents in ServiceNow, by its Table API.
//
//   POST  /api/now/table/incident            made, with our key as `correlation_id`
//   GET   /api/now/table/incident?sysparm_query=correlation_id=KEY^ORDERBYsys_created_on
//   GET   /api/now/table/incident/SYS_ID     read before each change
//   PATCH /api/now/table/incident/SYS_ID     all changes
//
// - An invalid part of a query is ignored, and strangers' incidents come back: a row counts only
//   with the key that was asked for, and what is read by its sys_id only with that sys_id.
// - `state` 6 is resolved, by us if its close_notes are ours; 7 (closed) and 8 (cancelled) are a
//   person's or the instance's own, and can't be opened again. We resolve and never close.
// - Each PATCH of a revision has its text and a work note alike, so that a description with the
//   revision's reference says that the note is there too. Where a person has taken over the
//   description, the journal is looked at.
// - 403 is an access rule, a business rule or a data policy: it is about the ticket. 2xx without
//   `result` is an instance that sleeps.
//
// The handle's id is the number (INC0010023), its memo the sys_id.
#ifndef SIGNINWATCH_DAEMON_SINKS_SERVICENOW_SERVICENOW_SYSTEM_H_
#define SIGNINWATCH_DAEMON_SINKS_SERVICENOW_SERVICENOW_SYSTEM_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/json/json_value.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/json_http.h"
#include "daemon/sinks/servicenow/servicenow_texts.h"
#include "daemon/sinks/sink_parts.h"
#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

class ServiceNowSystem : public TicketSystem {
 public:
  ServiceNowSystem(const config::SinkConfig& config, const SinkParts& parts);
  [[nodiscard]] absl::Status Check() const { return http_.Check(); }

  [[nodiscard]] SystemTraits traits() const override { return {.finds = true, .reads = true}; }
  [[nodiscard]] Answer Ready() override;
  [[nodiscard]] Answer Create(const Telling& telling, Made* made) override;
  [[nodiscard]] Answer Find(const Telling& telling, std::vector<Seen>* found) override;
  [[nodiscard]] Answer Read(const Known& known, Seen* seen) override;
  [[nodiscard]] RemoteFields Fields(const Telling& telling) const override;
  [[nodiscard]] Answer Update(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer Resolve(const Telling& telling, RemoteHandle* handle) override;
  [[nodiscard]] Answer Reopen(const Telling& telling, RemoteHandle* handle) override;
  // Notes are part of the updates.
  [[nodiscard]] Answer FindNote(const Telling&, const RemoteHandle&, bool* found) override;
  [[nodiscard]] Answer AddNote(const Telling&, const RemoteHandle&) override { return {}; }
  [[nodiscard]] Answer CloseTwin(const Telling& telling, const RemoteHandle& twin,
                                 const RemoteHandle& stays) override;
  [[nodiscard]] Answer Ask(std::string* said) override;
  void Cancel() override { http_.Cancel(); }

 private:
  // `target`: behind the table's path. *json has a `result` once it is done.
  [[nodiscard]] Answer Call(const std::string& method, const std::string& target,
                            const std::string& body, bool names_ticket, json::JsonDocument* json);
  [[nodiscard]] Answer Patch(const RemoteHandle& handle, const std::string& body);
  // The texts of a revision, with `state` unless it is empty.
  [[nodiscard]] Answer Write(const Telling& telling, const std::string& state,
                             const RemoteHandle& handle);
  [[nodiscard]] Answer Close(const std::string& note, const RemoteHandle& handle);
  [[nodiscard]] Answer HasNote(const Telling& telling, const RemoteHandle& handle, bool* has);
  [[nodiscard]] Seen SeenOf(const json::JsonValue& row) const;

  const std::string table_;
  const std::string close_code_;
  const std::map<std::string, std::string> fields_;  // the site's own: name -> JSON
  const MessageWording wording_;
  const ColumnLengths lengths_;
  JsonHttp http_;

  // The description that was read or written last, and whose: empty, if no longer known.
  std::string described_sys_id_;
  std::string description_;
  // Sys_id and reference of the update that was written last.
  std::string written_;
};

[[nodiscard]] TicketSinkOr MakeServiceNowSink(const config::SinkConfig& config,
                                              const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SERVICENOW_SERVICENOW_SYSTEM_H_
