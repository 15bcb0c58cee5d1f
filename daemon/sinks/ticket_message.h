// What a revision of a ticket says to people, before any markup: the default wording that chat,
// mail and ticket systems share. Each renders it in its own markup and within its own limits.
//
//   const TicketMessage message = WriteTicketMessage(telling);
//   for (const MessageFact& fact : message.facts) ... Escape(fact.name) ... Escape(fact.value) ...
//   CutCharactersBefore(PlainText(message), "\n\n" + ReferenceLine(message), 4'000);
//
// Texts are UTF-8 in plain words. Values of records are in them as they are, but on one line: what
// means something in the system's markup is escaped by who renders them. What a site has put in
// place of title or text is MessageWording. Pure.
#ifndef SIGNINWATCH_DAEMON_SINKS_TICKET_MESSAGE_H_
#define SIGNINWATCH_DAEMON_SINKS_TICKET_MESSAGE_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/sinks/ticket_system.h"
#include "daemon/words/message_template.h"

namespace signinwatch::sinks {

struct MessageFact {
  std::string name;   // "Failed sign-ins"
  std::string value;  // never empty, one line
};

struct MessageStep {
  std::string title;   // one line
  std::string detail;  // sentences, up to some 1,500 bytes
};

// "Merged into" and the ticket that it names; or "Rolled up" and the tickets that are, counted and
// listed in place of an id.
struct RelatedTicket {
  std::string relation;
  RemoteName ticket;
};

struct TicketMessage {
  std::string title;                   // one line
  std::string text;                    // what happened and why: two or three sentences
  std::vector<MessageFact> facts;      // severity, state, cause, who, when, counts
  std::vector<RelatedTicket> related;  // former, parent, continues, merged_into, rolled_up
  std::vector<MessageStep> steps;      // the whole runbook
  std::string url;                     // the ticket's page; empty: none
  std::string reference;               // "ticket_id/revision"
};

[[nodiscard]] TicketMessage WriteTicketMessage(const Telling& telling);

// So many steps of the runbook are shown where there is no room for all of it.
inline constexpr size_t kMessageSteps = 5;

// All below the title, in plain text, the reference aside: what is cut, is cut from its end. So
// what must not be missing (related tickets, the link) stands before the steps, of which there are
// at most `steps_most`.
[[nodiscard]] std::string PlainText(const TicketMessage& message, size_t steps_most);

// The related tickets in plain text, each on a line with an end.
[[nodiscard]] std::string RelatedLines(const TicketMessage& message);

// "Reference: ticket_id/revision"
[[nodiscard]] std::string ReferenceLine(const TicketMessage& message);
// Whether a text has the reference, and not one that only begins with it.
[[nodiscard]] bool HasReference(std::string_view text, std::string_view reference);

// The site's own title and body of a sink's tickets: its options `title` and `body`.
class MessageWording {
 public:
  using Escape = std::function<std::string(const std::string&)>;

  // Templates as they were read with the configuration; empty: none.
  MessageWording(const std::string& title, const std::string& body);

  // In the system's markup, one line. Without a template of the site: the ticket's own, escaped.
  [[nodiscard]] std::string Title(const Telling& telling, const Escape& escape) const;
  // In the system's markup: stands for all but title, related tickets and reference. nullopt: the
  // site has none.
  [[nodiscard]] std::optional<std::string> Body(const Telling& telling, const Escape& escape) const;

 private:
  std::optional<words::MessageTemplate> title_;
  std::optional<words::MessageTemplate> body_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_TICKET_MESSAGE_H_
