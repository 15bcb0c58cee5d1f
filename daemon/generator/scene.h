// One user's part in a planted scenario: what happens, in words, turned into records.
//
//   Scene scene(population, tenant, user, start, &plan);
//   scene.WorkAsUsual();
//   scene.Change(Credential::kOwnChange, -12 * kMinute);
//   scene.Expect(scene.Fail(0, 20), "password_changed");
//
// All times are relative to the scene's start.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_SCENE_H_
#define SIGNINWATCH_DAEMON_GENERATOR_SCENE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "daemon/generator/exporter.h"
#include "daemon/generator/label.h"
#include "daemon/generator/population.h"
#include "daemon/generator/random.h"
#include "daemon/generator/record.h"
#include "daemon/generator/ticks.h"

namespace signinwatch::generator {

struct Planted {
  Pending pending;
  RecordKind kind = RecordKind::kNonInteractive;
  uint32_t place = 0;
  bool name_only = false;
  bool guest = false;
  Source source;
  uint32_t app = 0;
  int32_t code = 0;
  AuditOperation operation{};
  Actor actor = Actor::kAdmin;
};

// What a scenario comes to, in no order yet.
struct Plan {
  std::vector<Planted> records;
  std::vector<Label> labels;
};

// One action upon a password or a session; each is written as the several records that Entra
// writes of it.
enum class Credential : uint8_t {
  kOwnChange,
  kOwnReset,
  kAdminReset,
  kSync,
  kAppSync,
  kCloudSync,
  kSyncStamp,  // a federated tenant's: the stamp alone
  kRevoke,
  kForceChange,
};

struct Failures {
  Ticks first = 0;  // absolute
  Ticks last = 0;
  uint64_t count = 0;
};

// How far failures lie apart. The first twelve are never further apart than 40 s, so that ten of
// them are a burst.
struct Pace {
  Ticks from = 20 * kSecond;
  Ticks to = 150 * kSecond;
};

class Scene {
 public:
  // `plan` must outlive the scene, as must `population`.
  Scene(const Population& population, uint64_t seed, uint32_t tenant, uint32_t user, Ticks start,
        Plan* plan);

  void set_scenario(std::string_view scenario) { scenario_ = scenario; }
  // From here on the user shows by user principal name alone.
  void HideObjectId() { name_only_ = true; }
  // From here on the user is a guest, whose account is another tenant's.
  void ComeAsGuest() { guest_ = true; }
  // The next records of Change() arrive this long after they happened.
  void set_audit_delay(Ticks delay) { audit_delay_ = delay; }

  // Successful sign-ins from the user's own places, one to three hours before the start.
  void WorkAsUsual();
  void Change(Credential how, Ticks at);
  // `count` watched failures from the user's own places.
  Failures Fail(Ticks at, uint32_t count, Pace pace = {});
  Failures FailFrom(const Source& source, Ticks at, uint32_t count, Pace pace = {});
  // Failures exactly `gap` apart.
  Failures FailSlowly(Ticks at, uint32_t count, Ticks gap);
  void SignIn(Ticks at, int32_t code, RecordKind kind);
  // A successful interactive sign-in of a mail client that keeps a password.
  void MailSignIn(Ticks at);

  // Adds the label of the ticket that must come of `failures`; the result may be changed until the
  // next call.
  Label& Expect(const Failures& failures, std::string_view cause);
  void ExpectNothing(const Failures& failures);

  [[nodiscard]] Source ForeignSource() const;
  [[nodiscard]] Ticks Relative(Ticks absolute) const { return absolute - start_; }

 private:
  [[nodiscard]] Source OwnSource(Habit habit) const;
  void AddSignIn(Ticks at, int32_t code, RecordKind kind, const Source& source);
  void AddAudit(Ticks at, AuditOperation operation, Actor actor);
  void AddFailure(Ticks at, const Source& source, Failures* failures);
  Label& AddLabel(const Failures& failures);

  const Population& population_;
  Random random_;
  uint32_t tenant_, user_;
  Ticks start_;
  Plan* plan_;
  std::string_view scenario_;
  bool name_only_ = false;
  bool guest_ = false;
  Ticks audit_delay_ = 0;  // 0: as usual
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_SCENE_H_
