// Texts that have a form: addresses, names, paths, references to secrets.
#ifndef SIGNINWATCH_DAEMON_CONFIG_TEXT_FORMS_H_
#define SIGNINWATCH_DAEMON_CONFIG_TEXT_FORMS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/config/serve_config.h"

namespace signinwatch::config {

enum class TextForm : uint8_t {
  kPlain,        // any text without control characters
  kName,         // [a-z0-9_-]
  kPath,         // of a file
  kTopic,        // as Kafka names topics
  kBrokers,      // host:port,host:port; blanks in it are taken out
  kListen,       // host:port; port 0 is any free one
  kServer,       // host:port of another machine
  kUrl,          // https, or http to this machine
  kPostgresUrl,  // of a database, without a password
  kExternalUrl,  // http or https, where people reach it; slashes at its end are taken off
  kTemplate,     // of a ticket's text (daemon/words/message_template.h)
  kTime,         // a day or a moment, in UTC unless it says another offset; read as RFC 3339
};

// "a path of up to 4096 bytes ...", the end of an error text.
[[nodiscard]] std::string_view AllowedForm(TextForm form);

// The text as it is to be used. nullopt: it has not that form, and *fault says what it is instead
// ("'a b'", "not usable: entry 2 has no port"). Texts that may hold a pasted secret (kPlain,
// kBrokers, kUrl, kPostgresUrl, kExternalUrl, kTemplate) are not repeated there.
[[nodiscard]] std::optional<std::string> ReadForm(TextForm form, std::string_view text,
                                                  std::string* fault);

// env:NAME or file:PATH; nullopt for anything else.
[[nodiscard]] std::optional<SecretRef> ParseSecretRef(std::string_view text);

// A name or an IPv4 address, without a port.
[[nodiscard]] bool IsHostName(std::string_view text);

// The host of the first entry of `brokers`, in lower case.
[[nodiscard]] std::string FirstBrokerHost(std::string_view brokers);

// By the name of the host: Event Hubs of the public cloud or of a national one.
[[nodiscard]] bool IsEventHubs(std::string_view host);

// Where Entra gives tokens for the cloud that `broker_host` is in: that of a national cloud for
// Event Hubs there, else the public one. "https://login.microsoftonline.com"
[[nodiscard]] std::string EntraAuthority(std::string_view broker_host);
// `authority` may end in a slash.
[[nodiscard]] std::string EntraTokenEndpoint(std::string_view authority, std::string_view tenant);
// A tenant's id or one of its domains: what can stand in the URL of a token endpoint.
[[nodiscard]] bool IsTenantName(std::string_view text);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_TEXT_FORMS_H_
