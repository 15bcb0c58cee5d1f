// Forms and queries of requests.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_PERCENT_ENCODING_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_PERCENT_ENCODING_H_

#include <string>
#include <string_view>

namespace signinwatch::http_client {

// Appends NAME=VALUE, behind an "&" if it is not the first: application/x-www-form-urlencoded. All
// that is not unreserved in URLs is percent-encoded.
void AppendFormField(std::string_view name, std::string_view value, std::string* form);

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_PERCENT_ENCODING_H_
