// Instances as a store has them.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_FAKE_INSTANCES_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_FAKE_INSTANCES_H_

#include "absl/status/status.h"
#include "daemon/store/instance_store.h"

namespace signinwatch {

class FakeInstances : public InstanceStore {
 public:
  absl::Status NoteInstance(const InstanceFacts& /*facts*/, EventTime /*now*/) override {
    return status;
  }
  absl::Status ForgetInstance() override { return status; }
  absl::Status FindInstances(EventTime /*now*/, Instances* instances) override {
    *instances = known;
    return status;
  }

  Instances known;
  absl::Status status;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_FAKE_INSTANCES_H_
