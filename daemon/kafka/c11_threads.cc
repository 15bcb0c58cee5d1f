// ThreadSanitizer of g++ knows POSIX threads, and not those of C11, which librdkafka is built with:
// a thread that it did not see begin crashes in the first function that it watches. glibc's C11
// threads are its POSIX threads by other names, so under ThreadSanitizer a program that has a Kafka
// client is linked with these, which say the names that it knows. Elsewhere this is empty.
#if defined(__SANITIZE_THREAD__)

#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <memory>

namespace {

struct Beginning {
  thrd_start_t function;
  void* argument;
};

void* Run(void* raw) {
  const std::unique_ptr<Beginning> beginning(static_cast<Beginning*>(raw));
  return reinterpret_cast<void*>(static_cast<intptr_t>(beginning->function(beginning->argument)));
}

int ResultOf(int error) {
  if (error == ETIMEDOUT) return thrd_timedout;
  return error == 0 ? thrd_success : thrd_error;
}

pthread_mutex_t* Mutex(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* Condition(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  return ResultOf(pthread_create(thread, nullptr, Run, new Beginning{function, argument}));
}
int thrd_join(thrd_t thread, int* result) {
  void* value = nullptr;
  const int error = pthread_join(thread, &value);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<intptr_t>(value));
  return ResultOf(error);
}
int mtx_lock(mtx_t* mutex) { return ResultOf(pthread_mutex_lock(Mutex(mutex))); }
int mtx_unlock(mtx_t* mutex) { return ResultOf(pthread_mutex_unlock(Mutex(mutex))); }
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return ResultOf(pthread_cond_wait(Condition(condition), Mutex(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return ResultOf(pthread_cond_timedwait(Condition(condition), Mutex(mutex), until));
}
int cnd_signal(cnd_t* condition) { return ResultOf(pthread_cond_signal(Condition(condition))); }
int cnd_broadcast(cnd_t* condition) {
  return ResultOf(pthread_cond_broadcast(Condition(condition)));
}

}  // extern "C"

#endif
