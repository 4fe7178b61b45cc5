#include "net/process.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "unit/net/loop_fixture.h"

namespace mailchute {
namespace {

class Process : public LoopTest {
 protected:
  static ProcessJob shell(const std::string& script) {
    ProcessJob job;
    job.command = {"/bin/sh", "-c", script};
    job.output_bytes_max = 4096;
    return job;
  }

  Result<ProcessEnd> run(ProcessJob job) {
    std::optional<Result<ProcessEnd>> end;
    processes_.run(std::move(job), [&](Result<ProcessEnd> how) { end = std::move(how); });
    EXPECT_FALSE(end) << "told from inside the call";
    run_until([&] { return end.has_value(); });
    return end ? std::move(*end) : fail("it never ended");
  }

  /// Gone, or soon gone, or waiting for whoever adopted it to notice. A signal is on its way for a moment.
  static bool dies(pid_t pid) {
    const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (process < 0) return errno == ESRCH;
    pollfd ended{process, POLLIN, 0};
    const bool dead = ::poll(&ended, 1, 10'000) == 1;
    ::close(process);
    return dead;
  }

  SystemProcesses processes_{loop_};
};

TEST_F(Process, TakesItsInputAndGivesItsOutput) {
  ProcessJob job;
  job.command = {"/bin/cat"};
  job.input = "one\ntwo\n";
  job.output_bytes_max = 100;

  const auto end = run(std::move(job));

  ASSERT_TRUE(end) << end.error().text;
  EXPECT_TRUE(end->good());
  EXPECT_EQ(end->output, "one\ntwo\n");
  EXPECT_EQ(end->whole, ProcessEnd::Output::Whole);
}

TEST_F(Process, AProgramWithoutASlashIsFoundInPath) {
  ProcessJob job;
  job.command = {"cat", "/dev/stdin"};
  job.input = "found";
  job.output_bytes_max = 100;

  const auto end = run(std::move(job));

  ASSERT_TRUE(end) << end.error().text;
  EXPECT_EQ(end->output, "found");
}

TEST_F(Process, TellsItsExitStatusAndItsComplaint) {
  const auto end = run(shell("echo 'no such entry' >&2; exit 3"));

  ASSERT_TRUE(end);
  EXPECT_FALSE(end->good());
  EXPECT_EQ(end->status, 3);
  EXPECT_EQ(describe(*end), "exit status 3: no such entry");
}

TEST_F(Process, TellsTheSignalThatEndedIt) {
  const auto end = run(shell("kill -9 $$"));

  ASSERT_TRUE(end);
  EXPECT_EQ(end->signal, SIGKILL);
  EXPECT_EQ(describe(*end), "killed by signal 9");
}

TEST_F(Process, AComplaintIsMadeFitToBeShown) {
  const auto end = run(shell("printf 'a\\033[31mb\\n' >&2; exit 1"));

  ASSERT_TRUE(end);
  EXPECT_EQ(describe(*end), "exit status 1: a\\x1b[31mb");
}

TEST_F(Process, WhatIsNotThereIsAnErrorWithItsNameAndTheReason) {
  ProcessJob job;
  job.command = {"/nonexistent/program", "argument"};

  const auto end = run(std::move(job));

  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().text, "cannot run /nonexistent/program: no such file or directory");
}

TEST_F(Process, NothingToRunIsAnError) { EXPECT_FALSE(run(ProcessJob{})); }

TEST_F(Process, OutputBeyondTheBoundIsThrownAwayAndNobodyIsStuck) {
  ProcessJob job = shell("head -c 1000000 /dev/zero | tr '\\0' x");
  job.output_bytes_max = 10;

  const auto end = run(std::move(job));

  ASSERT_TRUE(end);
  EXPECT_TRUE(end->good());
  EXPECT_EQ(end->output, "xxxxxxxxxx");
  EXPECT_EQ(end->whole, ProcessEnd::Output::Cut);
}

TEST_F(Process, InputThatNobodyReadsTroublesNobody) {
  ProcessJob job;
  job.command = {"/bin/true"};
  job.input = std::string(500'000, 'x');

  const auto end = run(std::move(job));

  ASSERT_TRUE(end);
  EXPECT_TRUE(end->good());
}

TEST_F(Process, TheEnvironmentIsWhatIsNamedAndNoMore) {
  ::setenv("MAILCHUTE_NOT_TO_BE_SEEN", "x", 1);
  ProcessJob job;
  job.command = {"/usr/bin/env"};
  job.facts = {"MAILCHUTE_EVENT=login_refused"};
  job.output_bytes_max = 4096;

  const auto end = run(std::move(job));
  ::unsetenv("MAILCHUTE_NOT_TO_BE_SEEN");

  ASSERT_TRUE(end);
  EXPECT_NE(end->output.find("MAILCHUTE_EVENT=login_refused\n"), std::string::npos) << end->output;
  EXPECT_EQ(end->output.find("NOT_TO_BE_SEEN"), std::string::npos) << end->output;
  EXPECT_LE(std::count(end->output.begin(), end->output.end(), '\n'), 4) << end->output;
}

TEST_F(Process, InheritsNoDescriptorButThree) {
  const Descriptor forgotten(::open("/dev/null", O_RDONLY));  // not close-on-exec

  // The fourth is the one with which ls looks.
  const auto end = run(shell("ls /proc/self/fd | wc -l"));

  ASSERT_TRUE(end);
  EXPECT_EQ(end->output, "4\n");
}

TEST_F(Process, WhoTakesTooLongIsEnded) {
  ProcessJob job = shell("exec sleep 1000");
  job.patience = Duration(50);

  const auto end = run(std::move(job));

  ASSERT_TRUE(end);
  EXPECT_FALSE(end->good());
  EXPECT_EQ(end->time, ProcessEnd::Time::Exceeded);
  EXPECT_EQ(end->signal, SIGTERM);
}

TEST_F(Process, WhoDoesNotListenIsKilledWithAllThatItStarted) {
  ProcessJob job = shell("trap '' TERM; sleep 1000 & echo $!; sleep 1000; sleep 1000");
  job.patience = Duration(200);

  const auto end = run(std::move(job));

  ASSERT_TRUE(end);
  EXPECT_EQ(end->signal, SIGKILL);
  EXPECT_TRUE(dies(std::stoi(end->output)));
}

TEST_F(Process, WhatAProgramLeavesBehindIsNotWaitedFor) {
  ProcessJob job = shell("echo done; sleep 1000 & exit 0");
  job.patience = Duration(60'000);

  const auto end = run(std::move(job));

  ASSERT_TRUE(end);
  EXPECT_TRUE(end->good());
  EXPECT_EQ(end->output, "done\n");
}

TEST_F(Process, SeveralRunAtOnce) {
  int ended = 0;
  for (int i = 0; i < 5; ++i)
    processes_.run(shell("cat"), [&](Result<ProcessEnd> end) { ended += end && end->good() ? 1 : 0; });

  run_until([&] { return ended == 5; });

  EXPECT_EQ(ended, 5);
}

TEST_F(Process, WhatStillRunsWhenNobodyCaresIsKilledAndNotToldOf) {
  bool told = false;
  {
    SystemProcesses shortly(loop_);
    shortly.run(shell("exec sleep 1000"), [&](const Result<ProcessEnd>&) { told = true; });
    shortly.run({}, [&](const Result<ProcessEnd>&) { told = true; });
  }
  settle();

  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace mailchute
