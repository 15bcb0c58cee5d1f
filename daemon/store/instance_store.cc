#include "daemon/store/instance_store.h"

namespace signinwatch::store {

absl::Status CheckBounds(const InstanceFacts& facts) {
  return facts.details.size() <= kInstanceDetailsBytesMax
             ? absl::OkStatus()
             : absl::InvalidArgumentError("an instance says too much of itself");
}

}  // namespace signinwatch::store
