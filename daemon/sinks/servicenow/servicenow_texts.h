// What ServiceNow is told of a ticket, in its columns. Pure.
#ifndef SIGNINWATCH_DAEMON_SINKS_SERVICENOW_SERVICENOW_TEXTS_H_
#define SIGNINWATCH_DAEMON_SINKS_SERVICENOW_SERVICENOW_TEXTS_H_

#include <string>
#include <string_view>

#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

// Of an instance's columns, in characters: as it comes.
struct ColumnLengths {
  size_t short_description = 160;
  size_t description = 4'000;
};

// Plain text as the journal shows it plainly: it renders what stands between [code] and [/code] as
// HTML.
[[nodiscard]] std::string WithoutCodeTags(std::string_view text);

[[nodiscard]] std::string ShortDescription(const MessageWording& wording, const Telling& telling,
                                           const ColumnLengths& most = {});
[[nodiscard]] std::string Description(const MessageWording& wording, const Telling& telling,
                                      const ColumnLengths& most = {});
// What happened, the related tickets and the reference: of the journal and of close_notes.
[[nodiscard]] std::string Note(const Telling& telling);
[[nodiscard]] std::string TwinNote(const Telling& telling, const std::string& stays);
// Whether a resolution's notes are one of the last two, and so not a person's.
[[nodiscard]] bool IsOurNote(std::string_view text);

// "1" (high) to "3": of both `impact` and `urgency`.
[[nodiscard]] std::string ImpactOf(std::string_view severity);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SERVICENOW_SERVICENOW_TEXTS_H_
