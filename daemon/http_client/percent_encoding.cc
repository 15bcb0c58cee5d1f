#include "daemon/http_client/percent_encoding.h"

#include <cstdio>

namespace signinwatch::http_client {

void AppendFormField(std::string_view name, std::string_view value, std::string* form) {
  if (!form->empty()) form->push_back('&');
  form->append(name).push_back('=');
  for (const char c : value) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      form->push_back(c);
    } else {
      char code[4];
      std::snprintf(code, sizeof(code), "%%%02X", static_cast<unsigned char>(c));
      form->append(code);
    }
  }
}

}  // namespace signinwatch::http_client
