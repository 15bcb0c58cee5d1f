#include "daemon/doctor/connection_string.h"

#include <algorithm>
#include <map>

#include "daemon/config/quoted.h"
#include "daemon/config/text_forms.h"
#include "parser/ids.h"

namespace signinwatch::doctor {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  LowerAscii(lower);
  return lower;
}

// "Key=Value;Key=Value", by key in lower case. Values may hold "=".
std::map<std::string, std::string> FieldsOf(std::string_view text) {
  std::map<std::string, std::string> fields;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t equals = field.find('=');
    if (equals == std::string_view::npos) continue;
    fields[Lower(field.substr(0, equals))] = std::string(field.substr(equals + 1));
  }
  return fields;
}

// "sb://HOST/" -> "host"
std::string HostOf(std::string_view endpoint) {
  const size_t scheme = endpoint.find("://");
  if (scheme != std::string_view::npos) endpoint.remove_prefix(scheme + 3);
  return Lower(endpoint.substr(0, endpoint.find_first_of("/:")));
}

}  // namespace

std::string ConnectionStringFault(std::string_view text, std::string_view brokers,
                                  const std::vector<std::string>& topics) {
  auto fields = FieldsOf(text);
  if (Lower(text).starts_with("sharedaccesssignature ")) {
    return "this is a SAS token (SharedAccessSignature sr=...), not a connection string: the Kafka "
           "endpoint of Event Hubs does not accept SAS tokens; use the connection string of a "
           "shared access policy (Endpoint=sb://...;SharedAccessKeyName=...;SharedAccessKey=...)";
  }
  if (fields.contains("sharedaccesssignature")) {
    return "the connection string holds a shared access signature, which the Kafka endpoint of "
           "Event Hubs does not accept: use one with SharedAccessKeyName and SharedAccessKey";
  }
  for (const char* key : {"Endpoint", "SharedAccessKeyName", "SharedAccessKey"}) {
    if (!fields[Lower(key)].empty()) continue;
    return std::string("the connection string has no ") + key +
           ": copy it whole, as the portal shows it (Endpoint=sb://...;SharedAccessKeyName=...;"
           "SharedAccessKey=...)";
  }
  const std::string host = HostOf(fields["endpoint"]);
  if (config::IsEventHubs(config::FirstBrokerHost(brokers)) &&
      host != config::FirstBrokerHost(brokers)) {
    return "the connection string is for " + config::Quoted(host) + " and brokers names " +
           config::Quoted(config::FirstBrokerHost(brokers)) + ": take both from one namespace";
  }
  const std::string& hub = fields["entitypath"];
  if (hub.empty()) return {};
  for (const std::string& topic : topics) {
    if (Lower(topic) == Lower(hub)) continue;
    return "the connection string is for the hub " + config::Quoted(hub) +
           " alone (EntityPath), and " + config::Quoted(topic) +
           " is another: use one of the namespace";
  }
  return {};
}

}  // namespace signinwatch::doctor
