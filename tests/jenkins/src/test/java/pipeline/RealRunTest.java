package pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** The shell lines of the Jenkinsfile, executed: by the program that PIPELINE_SHELL names, which says where. */
@EnabledIfEnvironmentVariable(named = "PIPELINE_SHELL", matches = ".+")
class RealRunTest {

    @Test
    void everyLineDoesWhatItSays() throws Exception {
        Trial trial = new Trial(RealRunTest::execute);
        trial.parameters.put("PUSH", false);
        trial.run();
        assertNull(trial.failure);
        assertEquals("Merge and shift", trial.stages.get(trial.stages.size() - 1));
    }

    private static Trial.Result execute(String line, Map<String, String> environment) {
        try {
            ProcessBuilder builder = new ProcessBuilder(System.getenv("PIPELINE_SHELL"), line);
            builder.directory(Trial.root().toFile());
            builder.environment().putAll(environment);
            builder.redirectInput(new File("/dev/null"));
            builder.redirectError(ProcessBuilder.Redirect.INHERIT);
            Process process = builder.start();
            String output = new String(process.getInputStream().readAllBytes());
            System.err.println("$ " + line + "\n" + output);
            return new Trial.Result(process.waitFor(), output);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }
}
