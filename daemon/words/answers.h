// The questions of Microsoft's guide to AADSTS50132 that a ticket's records answer (SPEC 6.5, 7),
// in words.
//
//   for (const GuideAnswer& answer : TicketAnswers(ticket)) {
//     list += std::string(GuideQuestionTitle(answer.question)) + ": " + answer.text + ".\n";
//   }
//
// A function of the ticket's facts that do not depend on the order of arrival (SPEC 4). A question
// that the records leave open has no answer. Text is UTF-8; names from records are passed through
// Shown (phrases.h).
#ifndef SIGNINWATCH_DAEMON_WORDS_ANSWERS_H_
#define SIGNINWATCH_DAEMON_WORDS_ANSWERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "detectors/ticket.h"

namespace signinwatch::words {

enum class GuideQuestion : uint8_t {
  kPassword,           // was it changed, or has it expired?
  kMfa,                // is it set up?
  kConditionalAccess,  // does a policy block?
  kSync,               // does the directory lag?
  kPrograms,           // which fail still, and which have stopped?
  kSession,            // does somebody else hold it?
  kRisk,               // what does Entra ID Protection say?
  kSecurityInfo,       // who changed it?
};
inline constexpr int kGuideQuestionCount = 8;
[[nodiscard]] const char* GuideQuestionName(GuideQuestion question);   // "mfa"
[[nodiscard]] const char* GuideQuestionTitle(GuideQuestion question);  // "MFA"

struct GuideAnswer {
  GuideQuestion question;
  // What is so and what follows, without an end: "passed by Authenticator on 23 November; the
  // method is set up".
  std::string text;
  bool alarming = false;  // to be looked at first
};

[[nodiscard]] std::optional<GuideAnswer> AnswerTo(GuideQuestion question, const Ticket& ticket);
// In the order of GuideQuestion.
[[nodiscard]] std::vector<GuideAnswer> TicketAnswers(const Ticket& ticket);

// Whether the ticket knows what its failures' records say: those of former versions do not.
[[nodiscard]] bool HasContext(const Ticket& ticket);

// Whether `app` failed in the last window of the burst; else it has stopped.
[[nodiscard]] bool FailsStill(const Ticket& ticket, const Counted& app);

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_DAEMON_WORDS_ANSWERS_H_
