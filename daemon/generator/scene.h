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

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/generator/exporter.h"
#include "daemon/generator/label.h"
#include "daemon/generator/population.h"
#include "daemon/generator/random.h"
#include "daemon/generator/record.h"
#include "daemon/generator/ticks.h"

namespace signinwatch::generator {

// Who the user of a scene is, besides a person of the population.
enum class Role : uint8_t {
  kMember,
  kByNameOnly,  // shows by user principal name alone
  kGuest,       // the account is another tenant's
  kWithoutMfa,  // never set up MFA
};

struct Planted {
  Pending pending;
  RecordKind kind = RecordKind::kNonInteractive;
  uint32_t place = 0;
  Role role = Role::kMember;
  Source source;
  uint32_t app = 0;
  int32_t code = 0;
  Guid session{};
  std::string_view mfa_method;
  bool blocked = false;
  std::string_view risk = "none";
  AuditOperation operation{};
  Actor actor = Actor::kAdmin;

  // From when on the exporter may have it: its export is at most kCopyDelayMax away.
  [[nodiscard]] Ticks due() const {
    return std::max(pending.event_time, pending.ready_time - kCopyDelayMax);
  }
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
  uint64_t blocked = 0;  // of them, by a Conditional Access policy
};

// How far failures lie apart. The first twelve are never further apart than 40 s, so that ten of
// them are a burst.
struct Pace {
  Ticks from = 20 * kSecond;
  Ticks to = 150 * kSecond;
};

class Scene {
 public:
  // `plan` must outlive the scene, as must `population`. Nothing happens before `earliest`.
  Scene(const Population& population, uint64_t seed, uint32_t tenant, uint32_t user, Ticks earliest,
        Ticks start, Plan* plan);

  void set_scenario(std::string_view scenario) { scenario_ = scenario; }
  void set_role(Role role) { role_ = role; }
  // The next audit records and risk events arrive this long after they happened.
  void set_delay(Ticks delay) { delay_ = delay; }
  // What is said of the next sign-ins besides: the policy that blocks them, and their risk.
  void set_blocked(bool blocked) { blocked_ = blocked; }
  void set_risk(std::string_view risk) { risk_ = risk; }

  // Successful sign-ins from the user's own places, one to three hours before the start, and one on
  // the evening before, where that is not too early.
  void WorkAsUsual();
  void Change(Credential how, Ticks at);
  // The user's own security info, or a policy of the tenant, by an administrator.
  void ChangeSecurityInfo(Ticks at);
  void ChangePolicy(Ticks at);
  // Entra's own finding that a token of the user's was stolen.
  void DetectStolenToken(Ticks at);
  // `count` watched failures of one session, from one of the user's own places.
  Failures Fail(Ticks at, uint32_t count, Pace pace = {});
  Failures FailFrom(const Source& source, Ticks at, uint32_t count, Pace pace = {});
  // Failures of one session by turns from a place of the user's own and from `elsewhere`.
  Failures FailInTwoPlaces(const Source& elsewhere, Ticks at, uint32_t count);
  // Failures exactly `gap` apart.
  Failures FailSlowly(Ticks at, uint32_t count, Ticks gap);
  void SignIn(Ticks at, int32_t code, RecordKind kind);
  void SignInFrom(const Source& source, Ticks at);  // a success without a browser
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
  // A record of the user's that happens at `at`, and is exported `delay` later; 0: as usual.
  Planted NewPlanted(Ticks at, RecordKind kind, Ticks delay);
  void AddSignIn(Ticks at, int32_t code, RecordKind kind, const Source& source, Guid session = {});
  void AddAudit(Ticks at, AuditOperation operation, Actor actor);
  void AddFailure(Ticks at, const Source& source, Guid session, Failures* failures);
  Label& AddLabel(const Failures& failures);
  // The methods of the days before that of `start`, as detection lists them: sorted.
  [[nodiscard]] std::vector<std::string_view> MethodsBefore(Ticks start) const;

  const Population& population_;
  Random random_;
  uint32_t tenant_, user_;
  Ticks start_;
  Plan* plan_;
  std::string_view scenario_;
  Ticks earliest_;
  Role role_ = Role::kMember;
  Ticks delay_ = 0;  // 0: as usual
  bool blocked_ = false;
  std::string_view risk_ = "none";
  std::vector<std::pair<Ticks, std::string_view>> passed_;  // when MFA was passed, and by what
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_SCENE_H_
