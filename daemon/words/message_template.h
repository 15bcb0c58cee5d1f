// Templates of what people read: a site's own title and body of a ticket (contract 13).
//
//   auto title = MessageTemplate::Parse("{{severity}}: {{user_principal_name}}");
//   title->Render(fields, [](const std::string& value) { return EscapeMrkdwn(value); });
//
// {{name}} is a field of the ticket: the values of fields are escaped for the system that shows
// them, the template's own text is not, since a site writes it for that system. There is no logic:
// what Mustache has beside {{name}} is refused, and {{{name}}} and {{&name}} above all, which would
// let text of a record through as markup.
//
// Mustache (mustache.5) by kainjow/Mustache; this is the only place that includes it.
#ifndef SIGNINWATCH_DAEMON_WORDS_MESSAGE_TEMPLATE_H_
#define SIGNINWATCH_DAEMON_WORDS_MESSAGE_TEMPLATE_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/json/json_value.h"

namespace signinwatch::words {

// By name: texts and numbers as they are shown; empty where the ticket has null.
using TemplateFields = std::map<std::string, std::string>;

inline constexpr size_t kTemplateBytesMax = 20'000;

class MessageTemplate {
 public:
  // kInvalidArgument, with a text that says why: no template, or too long, or with logic.
  [[nodiscard]] static absl::StatusOr<MessageTemplate> Parse(std::string_view text);

  // The first name that is not in `fields`; empty: all are.
  [[nodiscard]] std::string UnknownName(const TemplateFields& fields) const;

  // A name that `fields` has not is nothing. Takes as long as the text is; thread-safe.
  [[nodiscard]] std::string Render(
      const TemplateFields& fields,
      const std::function<std::string(const std::string&)>& escape) const;

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  explicit MessageTemplate(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// The names that templates may use, in the order of the ticket's JSON: its fields that are texts or
// numbers.
[[nodiscard]] const std::vector<std::string>& TemplateNames();

// Their values in a ticket; empty where it has null.
[[nodiscard]] TemplateFields TemplateFieldsOf(const json::JsonValue& ticket);

// Why it can't be a template of a ticket; empty: it can be.
[[nodiscard]] std::string TemplateFault(std::string_view text);

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_DAEMON_WORDS_MESSAGE_TEMPLATE_H_
