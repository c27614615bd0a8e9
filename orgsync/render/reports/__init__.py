"""Plans, drift and problems of the files as reports that other programs read: SARIF, JUnit, GitLab code quality."""
