#include "net/program_name.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace mailchute {
namespace {

/// A process that is called so and waits until the pipe's end is closed.
class Named {
 public:
  explicit Named(const char* name) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    EXPECT_EQ(::pipe(wait_), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_NAME, name);
      ::close(wait_[1]);
      ::close(ready[1]);
      char byte;
      ::_exit(::read(wait_[0], &byte, 1) == 0 ? 0 : 1);
    }
    ::close(ready[1]);
    char byte;
    EXPECT_EQ(::read(ready[0], &byte, 1), 0);  // Closed once it has its name.
    ::close(ready[0]);
    ::close(wait_[0]);
  }
  ~Named() {
    ::close(wait_[1]);
    ::waitpid(child_, nullptr, 0);
  }
  pid_t pid() const { return child_; }

 private:
  int wait_[2] = {-1, -1};
  pid_t child_ = -1;
};

TEST(ProgramName, IsWhatTheKernelCallsTheProcess) {
  EXPECT_EQ(program_name(Named("backup").pid()), "backup");
  EXPECT_EQ(program_name(-1), "");
}

TEST(ProgramName, TheParentIsFoundWhateverTheProcessIsCalled) {
  for (const char* name : {"plain", "a b", ") S 1 (", "((", "x) R 7 "}) {
    const Named process(name);
    EXPECT_EQ(program_name(process.pid()), name);
    EXPECT_EQ(parent_process(process.pid()), ::getpid()) << name;
  }
  EXPECT_EQ(parent_process(-1), std::nullopt);
}

}  // namespace
}  // namespace mailchute
