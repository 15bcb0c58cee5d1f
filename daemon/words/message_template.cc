#include "daemon/words/message_template.h"

#include <kainjow/mustache.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace signinwatch::words {
namespace {

namespace mustache = kainjow::mustache;

// What a template asks for. `asked` may be nullptr.
class FieldsContext : public mustache::basic_context<std::string> {
 public:
  FieldsContext(const TemplateFields& fields, std::string* unknown) : unknown_(unknown) {
    for (const auto& [name, value] : fields) values_.emplace(name, value);
  }
  // Sections are refused, so nothing is ever pushed.
  void push(const mustache::data* /*data*/) override {}
  void pop() override {}
  const mustache::data* get(const std::string& name) const override {
    const auto at = values_.find(name);
    if (at != values_.end()) return &at->second;
    if (unknown_ != nullptr && unknown_->empty()) *unknown_ = name;
    return nullptr;
  }
  const mustache::data* get_partial(const std::string& /*name*/) const override { return nullptr; }

 private:
  std::map<std::string, mustache::data> values_;
  std::string* const unknown_;
};

// The first tag that is more than a name or a comment, as it begins; empty: there is none.
std::string_view FirstOtherTag(std::string_view text) {
  for (size_t at = text.find("{{"); at != text.npos; at = text.find("{{", at + 2)) {
    size_t kind = at + 2;
    while (kind < text.size() && absl::ascii_isspace(static_cast<unsigned char>(text[kind])))
      ++kind;
    if (kind < text.size() &&
        std::string_view("#^/>=&{").find(text[kind]) != std::string_view::npos) {
      return text.substr(at, kind + 1 - at);
    }
  }
  return {};
}

}  // namespace

absl::StatusOr<MessageTemplate> MessageTemplate::Parse(std::string_view text) {
  if (text.size() > kTemplateBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("longer than ", kTemplateBytesMax, " bytes"));
  }
  if (const std::string_view tag = FirstOtherTag(text); !tag.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("'", std::string(tag), "' is logic"));
  }
  const mustache::mustache parsed{std::string(text)};
  if (!parsed.is_valid()) {
    return absl::InvalidArgumentError(parsed.error_message());
  }
  return MessageTemplate(std::string(text));
}

std::string MessageTemplate::UnknownName(const TemplateFields& fields) const {
  std::string unknown;
  FieldsContext context(fields, &unknown);
  mustache::mustache(text_).render(context);
  return unknown;
}

std::string MessageTemplate::Render(
    const TemplateFields& fields,
    const std::function<std::string(const std::string&)>& escape) const {
  mustache::mustache parsed(text_);
  parsed.set_custom_escape(escape);
  FieldsContext context(fields, nullptr);
  return parsed.render(context);
}

const std::vector<std::string>& TemplateNames() {
  static const std::vector<std::string> names{"schema",
                                              "ticket_id",
                                              "revision",
                                              "reason",
                                              "state",
                                              "resolution",
                                              "detector",
                                              "scope",
                                              "tenant_id",
                                              "user_id",
                                              "user_principal_name",
                                              "severity",
                                              "cause",
                                              "title",
                                              "summary",
                                              "first_event_time",
                                              "last_event_time",
                                              "opened_at",
                                              "resolved_at",
                                              "event_count",
                                              "total_event_count",
                                              "distinct_users",
                                              "apps_total",
                                              "ip_addresses_total",
                                              "countries_total",
                                              "devices_total",
                                              "users_total",
                                              "reauthenticated_at",
                                              "parent_ticket_id",
                                              "continues",
                                              "merged_into",
                                              "reopened",
                                              "url"};
  return names;
}

TemplateFields TemplateFieldsOf(const json::JsonValue& ticket) {
  TemplateFields fields;
  for (const std::string& name : TemplateNames()) {
    const json::JsonValue value = ticket[name];
    fields[name] = value.IsNumber() ? std::to_string(value.Integer()) : value.Text();
  }
  return fields;
}

std::string TemplateFault(std::string_view text) {
  const absl::StatusOr<MessageTemplate> parsed = MessageTemplate::Parse(text);
  if (!parsed.ok()) return std::string(parsed.status().message());
  const std::string unknown = parsed->UnknownName(TemplateFieldsOf({}));
  return unknown.empty() ? "" : absl::StrCat("'", unknown, "' is no field of a ticket");
}

}  // namespace signinwatch::words
