// What Jira is told of a ticket: in Atlassian's document format (Cloud) or as wiki text (Data
// Center). Pure.
#ifndef SIGNINWATCH_DAEMON_SINKS_JIRA_JIRA_TEXTS_H_
#define SIGNINWATCH_DAEMON_SINKS_JIRA_JIRA_TEXTS_H_

#include <string>
#include <string_view>
#include <utility>

#include "daemon/json/json_value.h"
#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

inline constexpr size_t kSummaryMax = 255;  // characters
// Of a description or comment, characters; of a document, of its JSON.
inline constexpr size_t kJiraTextMax = 32'767;

// Text that wiki markup shows as it is: no macro, mention, link, picture, table or emphasis.
[[nodiscard]] std::string EscapeWiki(std::string_view text);

class JiraTexts {
 public:
  JiraTexts(bool cloud, MessageWording wording) : cloud_(cloud), wording_(std::move(wording)) {}

  // Plain text, one line.
  [[nodiscard]] std::string Summary(const Telling& telling) const;
  // JSON: a document, or a text.
  [[nodiscard]] std::string Description(const Telling& telling) const;
  // What happened, the related tickets and the reference; JSON.
  [[nodiscard]] std::string Comment(const Telling& telling) const;
  // "Duplicate of SOC-1." and the reference; JSON.
  [[nodiscard]] std::string TwinComment(const Telling& telling, const std::string& stays) const;

  // The text of a description or comment as Jira has it, whatever it made of the form: by it is
  // seen whether a person wrote it anew.
  [[nodiscard]] static std::string PlainOf(const json::JsonValue& body);
  // The same of JSON that one of these made.
  [[nodiscard]] static std::string PlainOf(const std::string& json);

 private:
  [[nodiscard]] std::string Paragraphs(const std::string& text) const;

  const bool cloud_;
  const MessageWording wording_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_JIRA_JIRA_TEXTS_H_
