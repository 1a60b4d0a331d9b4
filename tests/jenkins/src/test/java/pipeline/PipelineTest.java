package pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which way the Jenkinsfile goes, on every path. */
class PipelineTest {

    private static final List<String> ALL = List.of("Checkout", "Lint and test", "Contracts", "Build images",
        "Push images", "Build and push chart repositories", "Helm dependencies", "May we release?", "Deploy release",
        "Smoke test", "Merge and shift");
    private static final String POD = "the pod of this release";

    private static Trial.Result fine(String line, Map<String, String> environment) {
        return new Trial.Result(0, line.equals(".venv/bin/python -m release release-pod") ? POD : "");
    }

    private static Trial failingAt(String line) throws Exception {
        return new Trial((asked, environment) ->
            asked.equals(line) ? new Trial.Result(1, "") : fine(asked, environment)).run();
    }

    private static final String SETUP = "make .venv/release.installed";
    private static final String CALL = "(make|\\.venv/bin/python -m release) [a-z-]+( [A-Z_]+=1)?";

    @Test
    void everyStageRunsInOrderAndNobodyIsTold() throws Exception {
        Trial trial = new Trial(PipelineTest::fine).run();
        assertNull(trial.failure);
        assertEquals(ALL, trial.stages);
        assertFalse(trial.told().contains(".venv/bin/python -m release notify"));
        assertFalse(trial.told().contains("make undo"));
        assertEquals(List.of("make merge", "make shift"),
            trial.told().stream().filter(line -> line.matches("make (merge|shift)")).toList());
    }

    @Test
    void whatWasBuiltIsReleasedInTheOtherPod() throws Exception {
        Trial trial = new Trial(PipelineTest::fine).run();
        assertEquals(2, trial.pods.size());
        assertTrue(trial.pods.get(0).contains("name: docker"));
        assertEquals(POD, trial.pods.get(1));
        for (Trial.Line line : trial.lines) {
            if (line.text().equals(SETUP)) {
                continue; // It belongs to a pod, not to a stage.
            }
            boolean releases = ALL.indexOf(line.stage()) >= ALL.indexOf("Helm dependencies");
            assertEquals(releases ? "release" : "build", line.container(), line.text());
        }
    }

    @Test
    void reportsAreKeptOfBothPods() throws Exception {
        Trial trial = new Trial(PipelineTest::fine).run();
        assertEquals(List.of("reports/*.xml", "reports/**", "reports/*.xml", "reports/**"), trial.archived);
        assertEquals(2, trial.told().stream().filter(".venv/bin/python -m release report"::equals).count());
    }

    @Test
    void everyStageHasALimitAndReleasesDoNotOverlap() throws Exception {
        Trial trial = new Trial(PipelineTest::fine).run();
        assertEquals(ALL, List.copyOf(trial.minutes.keySet()));
        assertTrue(trial.minutes.values().stream().allMatch(limit -> limit > 0 && limit <= 480));
        assertTrue(trial.runsAlone);
    }

    @ParameterizedTest
    @CsvSource({
        "make deploy DRY_RUN=1, Checkout, false",
        "make lint, Lint and test, false",
        "make test, Lint and test, false",
        "make contracts, Contracts, false",
        "make images, Build images, false",
        "make chart-repos, Build and push chart repositories, false",
        ".venv/bin/python -m release helm-dependencies, Helm dependencies, false",
        "make deploy, Deploy release, false",
        ".venv/bin/python -m release smoke-test, Smoke test, true",
        "make merge, Merge and shift, true",
        "make shift, Merge and shift, true",
    })
    void aStageThatFailsIsTheLast(String line, String stage, boolean isTakenBack) throws Exception {
        Trial trial = failingAt(line);
        assertNotNull(trial.failure);
        assertEquals(ALL.subList(0, ALL.indexOf(stage) + 1), trial.stages);
        assertEquals(isTakenBack, trial.told().contains("make undo"));
        List<Trial.Line> told = trial.lines.stream().filter(each -> each.text().equals(".venv/bin/python -m release notify")).toList();
        assertEquals(1, told.size());
        assertEquals("shop 7 failed at '" + stage + "'.", told.get(0).environment().get("MESSAGE"));
        assertEquals(".venv/bin/python -m release report", trial.told().get(trial.told().size() - 1));
        assertTrue(trial.archived.contains("reports/**"));
    }

    @Test
    void aFailureIsNotHiddenByOneThatFollows() throws Exception {
        Trial trial = new Trial((line, environment) ->
            List.of(".venv/bin/python -m release smoke-test", "make undo", ".venv/bin/python -m release notify", ".venv/bin/python -m release report").contains(line)
                ? new Trial.Result(1, "") : fine(line, environment)).run();
        assertTrue(trial.failure.getMessage().contains(".venv/bin/python -m release smoke-test"));
        assertTrue(trial.archived.contains("reports/**"));
    }

    @Test
    void theGateIsAskedBeforeAnythingIsDeployed() throws Exception {
        Trial trial = failingAt(".venv/bin/python -m release helm-dependencies");
        assertFalse(trial.told().contains("make deploy"));
    }

    @Test
    void withoutShiftNobodyIsMoved() throws Exception {
        Trial trial = new Trial(PipelineTest::fine);
        trial.parameters.put("SHIFT", false);
        trial.run();
        assertNull(trial.failure);
        assertEquals(ALL.subList(0, ALL.size() - 1), trial.stages);
        assertFalse(trial.told().contains("make merge"));
    }

    @Test
    void withoutPushNothingLeavesTheBuild() throws Exception {
        Trial trial = new Trial(PipelineTest::fine);
        trial.parameters.put("PUSH", false);
        trial.run();
        assertNull(trial.failure);
        assertFalse(trial.stages.contains("Push images"));
        for (Trial.Line line : trial.lines) {
            assertTrue(List.of("0", "false").contains(line.environment().get("PUSH")), line.text());
        }
    }

    @Test
    void imagesAreBuiltBeforeTheyArePushed() throws Exception {
        Trial trial = new Trial(PipelineTest::fine).run();
        assertEquals(List.of("0", "true"), trial.lines.stream().filter(line -> line.text().equals("make images"))
            .map(line -> line.environment().get("PUSH")).toList());
    }

    @Test
    void contractsArePublishedWhereThereIsABroker() throws Exception {
        Trial trial = new Trial(PipelineTest::fine);
        trial.environment.put("PACT_BROKER_BASE_URL", "https://broker.example");
        trial.run();
        assertEquals("Publish contracts", trial.stages.get(3));
        assertTrue(trial.told().contains("make contracts PUBLISH=1"));
    }

    @Test
    void parametersAreEnvironmentAndNeverPartOfALine() throws Exception {
        Trial trial = new Trial(PipelineTest::fine);
        trial.parameters.putAll(Map.of("CONTEXT", "$(touch x)", "SHOP", "stage; touch x",
            "NAMESPACE", "'; touch x", "REGISTRY", "`touch x`"));
        trial.run();
        for (Trial.Line line : trial.lines) {
            assertTrue(List.of(SETUP, ".ci/packages").contains(line.text()) || line.text().matches(CALL), line.text());
            assertEquals("$(touch x)", line.environment().get("CONTEXT"));
            assertEquals("'; touch x", line.environment().get("NAMESPACE"));
            assertEquals("kubernetes", line.environment().get("TARGET"));
            assertEquals("stage; touch x", line.environment().get("SHOP"));
        }
    }

    @Test
    void credentialsAreNamedAndNothingElseIsKnownOfThem() throws Exception {
        Trial trial = new Trial(PipelineTest::fine).run();
        assertEquals(List.of("parallel-releases-kubeconfig", "parallel-releases-slack-webhook",
            "parallel-releases-registry"), trial.secrets.subList(0, 3));
    }
}
