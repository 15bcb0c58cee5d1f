#include "detectors/subject.h"

#include <string>

namespace signinwatch {

UserKey NameKey(TenantIndex tenant, std::string_view name) {
  std::string lower(name);
  LowerAscii(lower);
  return UserKey(tenant, MakeNameId(lower));
}

}  // namespace signinwatch
